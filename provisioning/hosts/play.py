"""Ansible plays, run by ansible-runner, which only this module knows: typed events during one, a typed result after.

Of ansible-runner's habits these are kept away. A private folder used twice mixes the settings of both runs: each run
gets a fresh one, removed at the end. The whole environment is written to its artifacts: only what is named here passes.
A play that finds no hosts is "successful": the hosts that have to be reached are named, and missed ones count. Host
keys are not compared unless asked for.
"""

from __future__ import annotations

import os
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from ansible_runner.interface import init_runner

from foundation.processes import end_marked
from provisioning.hosts.failures import Failure, failure_of

ANSIBLE = Path(__file__).resolve().parent.parent / "ansible"
SITE = ANSIBLE / "site.yml"
MARK = "WORKSHOP_PLAY"  # carried by all that a play starts on this machine
GRACE_S = 3.0
LAST_LINES = 12
PASSED_ON = (
    *("HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "SSH_AUTH_SOCK", "ANSIBLE_VAULT_PASSWORD_FILE"),
    *("DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT"),  # images are copied from this machine's engine
)


class Outcome(StrEnum):
    """What a task did on a host."""

    STARTED = "started"
    OK = "ok"
    CHANGED = "changed"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


OUTCOMES = {
    "runner_on_start": Outcome.STARTED,
    "runner_on_ok": Outcome.OK,
    "runner_on_skipped": Outcome.SKIPPED,
    "runner_on_failed": Outcome.FAILED,
    "runner_on_unreachable": Outcome.UNREACHABLE,
}


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """A task of a role, on a host."""

    host: str
    role: str
    task: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tasks ended how on one host."""

    ok: int = 0
    changed: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class PlayResult:
    """How a play went. `missed` are hosts that were to be reached and were not tried; `told` is what tasks handed out
    by set_stats; `said` is what Ansible printed if it got to no play at all."""

    rc: int
    hosts: Mapping[str, Tally]
    changes: tuple[TaskEvent, ...] = ()
    failures: tuple[Failure, ...] = ()
    missed: tuple[str, ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""

    @property
    def is_success(self) -> bool:
        """Every task of every host that was to be reached went well."""
        return self.rc == 0 and bool(self.hosts) and not self.failures and not self.missed


OnEvent = Callable[[TaskEvent], None]


def run_play(
    inventory: Path,
    playbook: Path,
    hosts: Sequence[str],
    *,
    check: bool = False,
    tags: Sequence[str] = (),
    skip_tags: Sequence[str] = (),
    variables: Mapping[str, Any] | None = None,
    connect_limit_s: int | None = None,
    on_event: OnEvent = lambda _: None,
) -> PlayResult:
    """Run `playbook` on `hosts`, in their folder and with its ansible.cfg; in check mode nothing is changed.

    `variables` override those of the inventory; they reach Ansible in a file.
    Guarantees: when this is left, by Ctrl-C too, everything that it started here has ended, and its files are gone.
    """
    heard = _Heard(on_event, check)
    mark = uuid.uuid4().hex
    with _private_folder() as folder:
        runner = init_runner(
            private_data_dir=str(folder),
            project_dir=str(playbook.parent),
            playbook=playbook.name,
            inventory=[str(inventory.absolute())],  # in a list it is never taken for an inventory's text
            limit=",".join(hosts),
            cmdline="--check --diff" if check else "",
            tags=",".join(tags) or None,
            skip_tags=",".join(skip_tags) or None,
            extravars=dict(variables or {}),
            envvars={MARK: mark, **_settings(folder, playbook.parent, connect_limit_s)},
            settings={"suppress_output_file": True, "suppress_ansible_output": True},
            fact_cache_type="memory",
            event_handler=heard.event,
            cancel_callback=lambda: False,  # otherwise it takes Ctrl-C's place, for good
        )
        runner.config.env = passed_on(runner.config.env, os.environ)
        try:
            runner.run()
        finally:
            end_marked(MARK, mark, GRACE_S)  # also ssh's shared connections, which outlive a play by a minute
    return heard.result(int(runner.rc), hosts)


def passed_on(environment: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Of `environment` what was set for the play, and of what was only inherited from `own` what a play needs."""
    return {
        name: value
        for name, value in environment.items()
        if name in PASSED_ON or name == "PATH" or own.get(name) != value
    }


def task_name(role: str, name: str) -> str:
    """The task's own name, of the one that Ansible gives it. The tasks that compare variables with a role's
    specification are named by Ansible alone."""
    own = name.removeprefix(f"{role} : ")
    return "Its variables" if own.startswith("Validating arguments against arg spec") else own


def _settings(folder: Path, content: Path, connect_limit_s: int | None) -> dict[str, str]:
    """Variables for Ansible. Its temporary files and ssh's sockets go to `folder`, which is removed."""
    config = content / "ansible.cfg"
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "LC_ALL": "C.UTF-8",  # Ansible wants UTF-8, and messages are recognised in English
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "ssh"),
        "ANSIBLE_HOST_KEY_CHECKING": "True",  # ansible-runner turns it off if nothing is said
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_NOCOWS": "1",
        "SSH_ASKPASS": "/bin/false",  # nobody is there to type a key's passphrase: the agent has it, or it fails
        "SSH_ASKPASS_REQUIRE": "force",
        **({"ANSIBLE_CONFIG": str(config)} if config.is_file() else {}),
        **({"ANSIBLE_TIMEOUT": str(connect_limit_s)} if connect_limit_s else {}),
    }


@contextmanager
def _private_folder() -> Iterator[Path]:
    """A folder that only this user reads, for one run. Its name is short: a socket's path has 108 characters."""
    with tempfile.TemporaryDirectory(prefix="play-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@dataclass
class _Heard:
    """What ansible-runner's events said so far."""

    on_event: OnEvent
    check: bool
    tallies: dict[str, Tally] = field(default_factory=dict)
    changes: list[TaskEvent] = field(default_factory=list)
    last_failures: dict[str, Failure] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    told: Mapping[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def event(self, event: Mapping[str, Any]) -> bool:
        """Take in one event. False: it is not to be written to a file."""
        name, data = event.get("event", ""), event.get("event_data") or {}
        if name in OUTCOMES:
            self._task(OUTCOMES[name], data)
        elif name == "playbook_on_stats":
            self._stats(data)
        elif name in ("verbose", "error", "warning"):
            self.lines.append(str(event.get("stdout", "")))
        return False

    def _task(self, outcome: Outcome, data: Mapping[str, Any]) -> None:
        result = data.get("res") or {}
        if outcome is Outcome.OK and result.get("changed"):
            outcome = Outcome.CHANGED
        if outcome is Outcome.FAILED and data.get("ignore_errors"):  # roles ignore what only a real run can know
            outcome = Outcome.CHANGED if self.check else Outcome.OK
        role = str(data.get("role") or "")
        event = TaskEvent(str(data.get("host", "")), role, task_name(role, str(data.get("task", ""))), outcome)
        if outcome is Outcome.CHANGED:
            self.changes.append(event)
        if outcome in (Outcome.FAILED, Outcome.UNREACHABLE):
            self.last_failures[event.host] = failure_of(event.host, event.role, event.task, result)
        self.on_event(event)

    def _stats(self, data: Mapping[str, Any]) -> None:
        """The figures of the whole play: which hosts were tried, and for whom a failure was the end (not rescued)."""
        kinds = {name: data.get(name) or {} for name in ("ok", "changed", "skipped", "failures", "dark")}
        self.failed = kinds["failures"].keys() | kinds["dark"].keys()
        self.told = data.get("artifact_data") or {}
        for host in sorted(set().union(*kinds.values())):
            self.tallies[host] = Tally(*(int(kinds[name].get(host, 0)) for name in ("ok", "changed", "skipped")))

    def result(self, rc: int, hosts: Sequence[str]) -> PlayResult:
        """All of it."""
        said = [line for line in self.lines if line.strip()][-LAST_LINES:]
        return PlayResult(
            rc=rc,
            hosts=self.tallies,
            changes=tuple(self.changes),
            failures=tuple(self.last_failures[host] for host in sorted(self.failed) if host in self.last_failures),
            missed=tuple(host for host in hosts if host not in self.tallies),
            told=self.told,
            said="\n".join(said) if not self.tallies else "",
        )
