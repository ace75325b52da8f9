"""The toy course: one suite for what an attendee's file may do, one for each way a check may end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import checks.exercise
from checks.suite import Check, collect
from tests.toys import outcomes as outcomes_module

HERE = Path(__file__).resolve().parent
LIMIT_S = 2.0


def exercise(file: str, limit_s: float = LIMIT_S) -> tuple[tuple[Check, ...], checks.exercise.Exercise]:
    """A lab's checks, `check.py` as its own, each with a short limit."""
    every, subject = checks.exercise.suite(str(HERE / "check.py"), file)
    return tuple(replace(each, limit_s=limit_s) for each in every), subject


def outcomes() -> tuple[tuple[Check, ...], None]:
    """One check for each status, and the ways in which a check itself may break."""
    return collect(outcomes_module), None


def does_not_load() -> None:
    """A suite whose own code is broken."""
    raise LookupError("this suite has lost its checks")


def stops_at_the_second_start(folder: str) -> tuple[tuple[Check, ...], Path]:
    """A suite that loads once: its first check ends the process, the next process does not come that far."""
    seen = Path(folder) / "seen"
    if seen.exists():
        raise LookupError("not a second time")
    seen.touch()
    every = collect(outcomes_module)
    return tuple(each for each in every if each.code in ("gone", "pass")), seen
