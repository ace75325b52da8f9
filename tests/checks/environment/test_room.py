from __future__ import annotations

import sys
from pathlib import Path

import pytest

from checks.environment.room import DISK_NEEDED, MEMORY_NEEDED, disk, memory
from checks.suite import Failed, Inconclusive
from tests.checks.environment.fakes import BrokenMachine, FakeMachine, environment_of

PYTHON = Path(sys.executable)


def test_enough_passes_with_the_figure_and_less_fails_with_what_is_needed(tmp_path: Path) -> None:
    enough = environment_of(PYTHON, tmp_path, machine=FakeMachine(memory=MEMORY_NEEDED, disk=DISK_NEEDED))
    assert memory.run(enough) == "1.0 GiB available"
    assert disk.run(enough) == f"0.5 GiB free at {tmp_path}"
    short = environment_of(PYTHON, tmp_path, machine=FakeMachine(memory=MEMORY_NEEDED - 1, disk=0))
    with pytest.raises(Failed) as failed:
        memory.run(short)
    assert failed.value.expected == "1.0 GiB or more"
    with pytest.raises(Failed, match=r"0\.0 GiB free at"):
        disk.run(short)


def test_what_cannot_be_read_cannot_be_checked(tmp_path: Path) -> None:
    broken = environment_of(PYTHON, tmp_path, machine=BrokenMachine())
    with pytest.raises(Inconclusive, match="/proc is not mounted"):
        memory.run(broken)
    with pytest.raises(Inconclusive, match="stale file handle"):
        disk.run(broken)
