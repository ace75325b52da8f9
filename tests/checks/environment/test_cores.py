from __future__ import annotations

from pathlib import Path

import pytest

from checks.environment.cores import Cores, gather, judge, parallel, word
from checks.suite import Failed, Inconclusive
from tests.checks.environment.fakes import BrokenMachine, FakeMachine, environment_of

TWO = Cores(usable=2, present=2, quota=None, load=0.1, gil_on=False, gains={2: 1.83})


def test_two_and_all_threads_are_measured_in_a_free_threaded_child(lab_python: Path, tmp_path: Path) -> None:
    environment = environment_of(lab_python, tmp_path, machine=FakeMachine(cores=3), environ={"PYTHON_GIL": "1"})
    cores = gather(environment)
    assert cores.usable == 3
    assert sorted(cores.gains) == [2, 3]
    assert all(0.2 < gain < 4 for gain in cores.gains.values())
    assert not cores.gil_on


def test_one_core_is_inconclusive_and_says_what_that_means(lab_python: Path, tmp_path: Path) -> None:
    environment = environment_of(lab_python, tmp_path, machine=FakeMachine(cores=8, quota=1.0))
    with pytest.raises(Inconclusive, match=r"1 usable core.*quota 1") as inconclusive:
        parallel.run(environment)
    assert "second core" in inconclusive.value.do


def test_cores_that_cannot_be_counted_are_inconclusive(lab_python: Path, tmp_path: Path) -> None:
    with pytest.raises(Inconclusive, match="cannot be counted"):
        parallel.run(environment_of(lab_python, tmp_path, machine=BrokenMachine()))


def test_the_figures_are_said_with_the_number_of_cores() -> None:
    assert word(TWO) == "2 usable cores; 2 threads do pure Python 1.8x as fast as one"
    many = Cores(usable=4, present=64, quota=4.0, load=0.1, gil_on=False, gains={2: 1.9, 4: 3.6})
    assert word(many).startswith("4 usable cores (of 64), quota 4; 2 threads")


def test_a_clear_gain_passes() -> None:
    judge(TWO)


def test_a_low_gain_is_inconclusive_never_a_failure() -> None:
    with pytest.raises(Inconclusive, match=r"1\.0x as fast as one; load average 3\.2") as inconclusive:
        judge(Cores(usable=2, present=2, quota=None, load=3.2, gil_on=False, gains={2: 1.02}))
    assert inconclusive.value.details["gains"] == {"2": 1.02}


def test_the_gil_on_fails_whatever_the_figures() -> None:
    with pytest.raises(Failed, match="the GIL is on"):
        judge(Cores(usable=2, present=2, quota=None, load=0.1, gil_on=True, gains={2: 1.83}))
