"""Explores the programs of the table: `scene()` of each gives the calls by name, and what judges the outcomes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from checks.oracles import schedules
from checks.oracles.schedules import Exploration, Program, Scene

FAULTS = Path(__file__).parent / "faults"
NAMES = sorted(path.stem for path in (FAULTS / "wrong").glob("*.py"))
_FAILS_BY = re.compile(r"^Fails by: (.+)$", re.MULTILINE)


def program(kind: str, name: str) -> Path:
    """The file of a program: `kind` is wrong or right."""
    return FAULTS / kind / f"{name}.py"


def fails_by(name: str) -> str:
    """The kind of failure that the wrong program names."""
    found = _FAILS_BY.search(program("wrong", name).read_text())
    assert found, f"{name} does not say how it fails"
    return found[1]


def explored(file: Path, **options: Any) -> Exploration:
    """What exploring the program `file` finds."""
    loaded = Program(file)
    return schedules.explore(lambda: Scene(*loaded.module().scene()), **options)


def in_short(file: Path) -> list[object]:
    """What exploring `file` finds, as far as it must be the same in every run, on every Python."""
    found = explored(file)
    failure = found.failure
    told: list[object] = [failure.kind, failure.what] if failure else ["", ""]
    if "futures" in file.read_text():  # each Python has its own pools, with steps of their own
        return told
    steps = [str(each) for each in failure.steps] if failure else []
    return [*told, found.schedules, found.is_everything, found.diverged, steps]


def all_in_short() -> dict[str, list[object]]:
    """All programs of the table, in short."""
    return {f"{kind} {name}": in_short(program(kind, name)) for kind in ("wrong", "right") for name in NAMES}
