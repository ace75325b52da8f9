from __future__ import annotations

import os
import subprocess
import sys

import pytest

from foundation import cores
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("affinity", "quota", "told", "expected"),
    [
        (4, None, "", 4),
        (4, 2.5, "", 2),
        (8, 1.5, "", 1),
        (4, 8.0, "", 4),
        (4, 0.5, "", 1),
        (4, None, "3", 3),
        (4, 2.0, "3", 2),
        (4, None, "16", 4),
        (4, None, "0", 1),
        (4, None, "default", 4),
    ],
)
def test_the_least_counts_and_never_less_than_one(affinity: int, quota: float | None, told: str, expected: int) -> None:
    assert cores.fewest(affinity, quota, {"PYTHON_CPU_COUNT": told}) == expected
    if not told:
        assert cores.fewest(affinity, quota, {}) == expected


def counted(setup: str = "", **environment: str) -> int:
    """What a fresh process counts."""
    program = f"{setup}\nfrom foundation import cores\nprint(cores.usable())"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(ran.stdout)


def test_a_process_that_is_bound_to_one_core_counts_one() -> None:
    assert counted("import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})") == 1


def test_a_process_that_is_told_of_one_core_counts_one() -> None:
    assert counted(PYTHON_CPU_COUNT="1") == 1
