from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from foundation.steps import Steps
from provisioning.hosts.play import Outcome, TaskEvent
from provisioning.hosts.progress import PlayProgress


@pytest.fixture
def screen() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def progress(tmp_path: Path, screen: io.StringIO) -> PlayProgress:
    return PlayProgress(Steps(2, tmp_path / "log", stream=screen))


def happens(progress: PlayProgress, role: str, task: str, **hosts: Outcome) -> None:
    for host in hosts:
        progress.event(TaskEvent(host, role, task, Outcome.STARTED))
    for host, outcome in hosts.items():
        progress.event(TaskEvent(host, role, task, outcome))


def lines(screen: io.StringIO) -> list[str]:
    return re.sub(r"   \d+ s", "   0 s", screen.getvalue()).splitlines()


def test_each_role_is_a_step_that_says_what_each_host_changed(progress: PlayProgress, screen: io.StringIO) -> None:
    with progress:
        happens(progress, "", "Gathering Facts", a=Outcome.OK, b=Outcome.UNREACHABLE)
        happens(progress, "docker", "Install", a=Outcome.CHANGED)
        happens(progress, "docker", "Start", a=Outcome.CHANGED)
        happens(progress, "hub", "Start", a=Outcome.OK)
    assert lines(screen) == [
        "[1/2] reach the hosts: Gathering Facts",
        "[1/2] reach the hosts   0 s   a: as it was, b: unreachable",
        "[2/2] docker: Install",
        "[2/2] docker: Start",
        "[2/2] docker   0 s   a: 2 changed",
        "[3/3] hub: Start",
        "[3/3] hub   0 s   a: as it was",
    ]


def test_many_hosts_are_counted(progress: PlayProgress, screen: io.StringIO) -> None:
    with progress:
        happens(progress, "hub", "x", a=Outcome.OK, b=Outcome.CHANGED, c=Outcome.OK, d=Outcome.FAILED, e=Outcome.OK)
    assert lines(screen)[-1] == "[1/2] hub   0 s   as it was: 3 hosts, changed: 1 hosts, failed: 1 hosts"


def test_an_interrupted_role_says_so(progress: PlayProgress, screen: io.StringIO) -> None:
    progress.event(TaskEvent("a", "hub", "x", Outcome.STARTED))
    progress.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert lines(screen)[-1] == "[1/2] hub   interrupted"


def test_the_log_has_every_task_of_every_host(progress: PlayProgress, tmp_path: Path) -> None:
    with progress:
        happens(progress, "hub", "Start", a=Outcome.OK, b=Outcome.FAILED)
    log = (tmp_path / "log").read_text()
    assert "[1/2] hub a: Start: ok\n" in log
    assert "[1/2] hub b: Start: failed\n" in log
