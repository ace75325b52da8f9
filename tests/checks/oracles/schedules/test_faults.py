"""Each fault of the table is found, its repaired counterpart is not blamed: in every run the same, on every Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checks.oracles import schedules
from checks.oracles.schedules import Program, Scene
from tests.checks.oracles import free_threaded
from tests.checks.oracles.schedules import exploring
from tests.checks.oracles.schedules.exploring import NAMES, explored, fails_by, program

ALL = """
from tests.checks.oracles.schedules import exploring
tell(exploring.all_in_short())
"""


def test_each_fault_has_its_repaired_counterpart() -> None:
    assert sorted(path.stem for path in (exploring.FAULTS / "right").glob("*.py")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_fault_is_found_with_two_switches_at_most(name: str) -> None:
    failure = explored(program("wrong", name)).failure
    assert failure is not None
    assert failure.kind == fails_by(name), failure.what
    assert failure.switches <= 2
    assert failure.steps


@pytest.mark.parametrize("name", NAMES)
def test_the_repaired_program_is_right_in_all_orders_with_two_switches(name: str) -> None:
    found = explored(program("right", name))
    assert found.failure is None, found.failure
    assert found.diverged == 0
    assert found.is_everything or found.completed >= 2


@pytest.mark.parametrize("name", NAMES)
def test_a_failure_replays(name: str) -> None:
    failure, loaded = explored(program("wrong", name)).failure, Program(program("wrong", name))
    assert failure is not None
    again = schedules.replay(lambda: Scene(*loaded.module().scene()), failure.schedule)
    assert again is not None
    assert (again.what, again.steps, again.schedule) == (failure.what, failure.steps, failure.schedule)


@pytest.mark.parametrize("flags", [[], ["-X", "gil=1"]], ids=["GIL off", "GIL on"])
def test_every_python_finds_the_same_by_the_same_schedules(flags: list[str], lab_python: Path, tmp_path: Path) -> None:
    there = free_threaded.run(lab_python, tmp_path, ALL, *flags)
    assert there == json.loads(json.dumps(exploring.all_in_short()))
