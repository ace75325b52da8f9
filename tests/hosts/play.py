"""The play on hosts: by ansible-playbook, as an organiser without our command would run it, and by our command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from foundation.processes import end_marked
from tests.conftest import ROOT
from tests.hosts.rig import Host, without_own_settings

LIMIT_S = 1500
MARK = "WORKSHOP_TEST_PLAY"
RECAP = re.compile(r"^(?P<host>\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Tally:
    """What the play's last lines say of one host."""

    ok: int
    changed: int
    unreachable: int
    failed: int

    @property
    def is_good(self) -> bool:
        """Whether all went well."""
        return self.ok > 0 and not self.unreachable and not self.failed


@dataclass(frozen=True, slots=True)
class Played:
    """One run, to its end."""

    code: int
    out: str
    err: str
    took_s: float

    @property
    def said(self) -> str:
        """All that it printed."""
        return self.out + self.err

    @property
    def hosts(self) -> dict[str, Tally]:
        """What was done on each host."""
        return {found["host"]: Tally(*map(int, found.groups()[1:])) for found in RECAP.finditer(self.said)}

    @property
    def changes(self) -> list[str]:
        """The tasks that changed something."""
        parts = re.split(r"^TASK \[", self.said, flags=re.MULTILINE)
        return [part.partition("]")[0] for part in parts if "\nchanged: [" in part]

    @property
    def end(self) -> str:
        """What to show when a test fails."""
        return self.said[-6000:]


@dataclass
class Play:
    """site.yml of the clone `site`, on `hosts`, by an inventory and other files of the organiser's in `folder`."""

    site: Path
    folder: Path
    hosts: Mapping[str, Host]
    variables: dict[str, Any] = field(default_factory=dict)

    @property
    def secrets(self) -> Path:
        """Where the play keeps the workshop's secrets."""
        return self.folder / "secrets"

    def run(self, *arguments: str, **variables: Any) -> Played:
        """Run it to its end, with `variables` beside or instead of those of the inventory."""
        return _played(self.command(*arguments, **variables), self._content, without_own_settings())

    def provision(self, *words: str) -> Played:
        """`./workshop provision WORDS`, of the clone that the hosts are made from, to its end."""
        environment = {**os.environ, "PYTHONPATH": str(self.site), "WORKSHOP_STATE": str(self.folder / "state")}
        command = [sys.executable, "-P", "-m", "provisioning.hosts", *words, "-i", str(self._inventory({}))]
        return _played(command, self.folder, environment)

    def kill_at(self, task: str, *arguments: str) -> None:
        """Run it until it begins `task`, and end it there as a power cut would; AssertionError if it never does."""
        mark = uuid.uuid4().hex
        with subprocess.Popen(
            self.command(*arguments),
            cwd=self._content,
            env={**without_own_settings(), "PYTHONUNBUFFERED": "1", MARK: mark},
            stdout=subprocess.PIPE,
            text=True,
        ) as running:
            try:
                assert any(task in line for line in _lines(running)), f"there was no task {task}"
            finally:
                end_marked(MARK, mark, 0)

    def command(self, *arguments: str, **variables: Any) -> list[str]:
        """The words of one run."""
        program = Path(sys.executable).parent / "ansible-playbook"
        return [str(program), "-i", str(self._inventory(variables)), *arguments, "site.yml"]

    def _inventory(self, variables: Mapping[str, Any]) -> Path:
        inventory = self.folder / "hosts.yml"
        given = {**self.variables, "workshop_controller_dir": str(self.secrets), **variables}
        listed = {name: host.variables for name, host in self.hosts.items()}
        inventory.write_text(yaml.safe_dump({"workshop_hosts": {"hosts": listed, "vars": given}}), encoding="utf-8")
        return inventory

    @property
    def _content(self) -> Path:
        return self.site / "provisioning" / "ansible"


def _played(command: list[str], folder: Path, environment: dict[str, str]) -> Played:
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    return Played(done.returncode, done.stdout, done.stderr, time.monotonic() - began)


def committed_copy(folder: Path) -> Path:
    """A repository in `folder` whose one commit is the working tree as it is now."""

    def git(*words: str, where: Path = folder) -> str:
        command = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org", *words]
        return subprocess.run(command, cwd=where, check=True, capture_output=True, text=True).stdout

    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", where=ROOT).split("\0")
    for name in (name for name in listed if name and (ROOT / name).is_file()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
        (folder / name).chmod((ROOT / name).stat().st_mode)
    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "as it is")
    return folder


def _lines(running: subprocess.Popen[str]) -> Iterator[str]:
    assert running.stdout is not None
    yield from running.stdout
