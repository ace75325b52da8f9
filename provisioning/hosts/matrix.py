"""Hosts x checks: every host is asked at the same time, each by a process of its own, and reports as JSON."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation.model import SCHEMA, Report, Result, Status
from foundation.problem import ExitCode
from provisioning.here.place import CLONE, clean_environment
from provisioning.hosts import checks
from provisioning.hosts.play import ANSIBLE

ASK = (sys.executable, "-P", "-m", checks.__name__)  # a process of its own for each host, which may hang
END_LIMIT_S = 15.0
_TICK_S = 0.1
_WORST_FIRST = (Status.ERROR, Status.FAIL, Status.INCONCLUSIVE, Status.BLOCKED, Status.SKIPPED)


@dataclass(frozen=True)
class Matrix:
    """The report of each host of a workshop, in the inventory's order."""

    workshop: str
    reports: Mapping[str, Report]

    @property
    def codes(self) -> list[str]:
        """The checks, in the order in which they ran; one that not every host has has its place too."""
        return list(dict.fromkeys(result.code for report in self.reports.values() for result in report.results))

    @property
    def ready(self) -> list[str]:
        """The hosts whose report is a pass."""
        return [host for host, report in self.reports.items() if report.status is Status.PASS]

    @property
    def status(self) -> Status:
        """The worst of all hosts; a matrix of no host is an ERROR, never a pass."""
        every = tuple(result for report in self.reports.values() for result in report.results)
        worst = Report(subject=self.workshop, results=every).status
        return worst if len(self.ready) == len(self.reports) or worst is not Status.PASS else Status.ERROR

    @property
    def exit_code(self) -> ExitCode:
        """0 every host is ready, 1 one is not, 3 one could not be checked."""
        codes = {Status.PASS: ExitCode.PASS, Status.FAIL: ExitCode.FAIL}
        return codes.get(self.status, ExitCode.COULD_NOT_CHECK)

    def result(self, host: str, code: str) -> Result | None:
        """The result of one check of one host; None if it did not run there."""
        return next((each for each in self.reports[host].results if each.code == code), None)

    def faults(self) -> Iterator[tuple[str, Result]]:
        """Each host's results that stand in its way, by host."""
        for host, report in self.reports.items():
            for result in report.results:
                if result.status in (Status.FAIL, Status.ERROR, Status.INCONCLUSIVE):
                    yield host, result

    def to_json(self) -> str:
        """The matrix as one JSON document, with each report as `foundation.model` writes it."""
        hosts = {host: json.loads(report.to_json()) for host, report in self.reports.items()}
        data = {"schema": SCHEMA, "workshop": self.workshop, "status": self.status.value, "hosts": hosts}
        return json.dumps(data, indent=1)


def gather(
    workshop: str,
    expectations: Mapping[str, Mapping[str, Any]],
    words: Sequence[str] = (),
    on_report: Callable[[str, Report], None] = lambda _host, _report: None,
) -> Matrix:
    """Ask all hosts at the same time. `words` go to each `provisioning.hosts.checks`: codes, --ignore CODE.

    Guarantees: when this returns or raises, no process of it runs.
    """
    with (
        tempfile.TemporaryDirectory(prefix="workshop-hosts-") as name,
        _asking(expectations, words, Path(name)) as asked,
    ):
        reports: dict[str, Report] = {}
        while len(reports) < len(asked):
            for host, process in asked.items():
                if host not in reports and process.poll() is not None:
                    reports[host] = _report(host, process.returncode, Path(name))
                    on_report(host, reports[host])
            time.sleep(_TICK_S)
    return Matrix(workshop, {host: reports[host] for host in expectations})


@contextmanager
def _asking(
    expectations: Mapping[str, Mapping[str, Any]], words: Sequence[str], folder: Path
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """A process for each host, writing to files in `folder`; ended, as by Ctrl-C, where they still run."""
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for host, wanted in expectations.items():
            (folder / f"{host}.expected").write_text(json.dumps(wanted), encoding="utf-8")
            with (folder / f"{host}.json").open("wb") as out, (folder / f"{host}.err").open("wb") as err:
                file = str(folder / f"{host}.expected")
                started[host] = subprocess.Popen(
                    [*ASK, file, *words, "--json"], stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=_environment()
                )
        yield started
    finally:
        running = [process for process in started.values() if process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGINT)
        for process in running:
            try:
                process.wait(END_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _environment() -> dict[str, str]:
    """What a check of a host needs to find: our packages, Ansible's commands, and its settings."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    own = {"PYTHONPATH": str(CLONE), "PATH": path, "ANSIBLE_CONFIG": str(ANSIBLE / "ansible.cfg")}
    return {**clean_environment(), **own}


def _report(host: str, code: int, folder: Path) -> Report:
    """What a host's process reported; if that is no report, one that says so."""
    try:
        return Report.from_json((folder / f"{host}.json").read_text(encoding="utf-8"))
    except ValueError:
        said = (folder / f"{host}.err").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        found = f"the process that asks it ended with exit code {code}: {said[-1] if said else 'no word of why'}"
        result = Result(code="host", title="The checks run", status=Status.ERROR, found=found, expected="a report")
        return Report(subject=host, results=(result,))
