"""The free-threaded interpreter of the workshop: found on this machine where it can be trusted, otherwise built."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from foundation.problem import Problem
from foundation.steps import Step, Steps
from images.cache import cache_root, discard
from images.cpython.recipe import build_into_cache, find_built
from images.cpython.selftest import SERIES, SelfTest, self_test
from images.download import ask
from images.versions import Row, versions

NAMED_VARIABLE = "WORKSHOP_PYTHON"
UV_ANSWERS_S = 3.0


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An interpreter that passed the self-test: where it is, its version ("3.13.15"), and in words where it is from.

    It is never that of a virtual environment: what is made of it does not depend on one.
    """

    python: Path
    version: str
    origin: str


def obtain(steps: Steps, row: str | None = None) -> Interpreter:
    """The interpreter to use, built if none is found.

    row: a series ("3.14t"), by default 3.13's, or one row of versions.toml, which nothing that is found replaces.
    Asked in order: WORKSHOP_PYTHON, that series on PATH, the cache, uv's Pythons. Raises Problem if none can be had.
    """
    with steps.step("free-threaded CPython") as step:
        found = without_building(step, row)
        if found:
            step.already(f"{found.version}t, {found.origin}")
            return found
        built = build_into_cache(versions().rows(row), step)
        return Interpreter(built.python, built.row.version, f"built now, source from {built.origin}")


def without_building(step: Step, row: str | None = None) -> Interpreter | None:
    """The interpreter that `obtain` would use; None if it would build one."""
    rows = versions().rows(row)
    return from_cache(step, rows) if row in (rows[0].name, rows[0].version) else find(step, rows)


def find(step: Step, rows: tuple[Row, ...]) -> Interpreter | None:
    """An interpreter of the rows' series that is there already, or that uv brings."""
    series = rows[0].series
    return from_variable(series) or from_path(step, series) or from_cache(step, rows) or from_uv(step, series)


def from_variable(series: tuple[int, int] = SERIES) -> Interpreter | None:
    """The one that WORKSHOP_PYTHON names. Raises Problem if it cannot be trusted: it was asked for by name."""
    named = os.environ.get(NAMED_VARIABLE)
    if not named:
        return None
    python = Path(shutil.which(named) or named).expanduser().absolute()
    tested = self_test(python, series)
    if tested.trusted:
        return Interpreter(tested.base, tested.version, f"named by {NAMED_VARIABLE}")
    raise Problem(
        f"{NAMED_VARIABLE} is {named}, which cannot be used:\n" + "\n".join(tested.reasons),
        expected=f"a free-threaded Python {series[0]}.{series[1]} with its whole standard library",
        do=f"set {NAMED_VARIABLE} to such a Python, or unset it: one is found or built then",
    )


def from_path(step: Step, series: tuple[int, int] = SERIES) -> Interpreter | None:
    """The one on PATH, under the name python3.13t; one that cannot be trusted is told of and skipped."""
    python = shutil.which(f"python{_name(series)}")
    return _trusted(Path(python), f"found on PATH: {python}", step, series) if python else None


def from_cache(step: Step, rows: tuple[Row, ...]) -> Interpreter | None:
    """The one built before; it is removed if a change of the system broke it."""
    built = find_built(rows)
    if not built:
        return None
    tested = self_test(built.python, built.row.series)
    if tested.trusted:
        return Interpreter(built.python, tested.version, f"built before: {built.folder}")
    step.tell(f"removed: {_words(built.python, tested)}")
    discard(built.folder.name, cache_root())
    return None


def from_uv(step: Step, series: tuple[int, int] = SERIES) -> Interpreter | None:
    """The one that uv has, or that it can fetch at once: a silent host costs seconds."""
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if not uv:
        return None
    find_it = ("find", "--managed-python", "--no-python-downloads", _name(series))
    python = _uv_says(uv, *find_it)
    if not python:
        if not _uv_host_answers(uv, _name(series)):
            return None
        step.say("uv python install")
        try:
            step.run([uv, "python", "install", "--no-bin", _name(series)])
        except Problem as problem:
            step.tell(f"skipped: uv's Python: {problem.found.splitlines()[0]}")
            return None
        python = _uv_says(uv, *find_it)
    return _trusted(Path(python), "installed by uv", step, series) if python else None


def _name(series: tuple[int, int]) -> str:
    return f"{series[0]}.{series[1]}t"


def _uv_host_answers(uv: str, name: str) -> bool:
    """Whether the place answers that uv would download the Python `name` from."""
    listed = _uv_says(uv, "list", "--only-downloads", "--output-format", "json", name)
    urls = [entry["url"] for entry in json.loads(listed or "[]") if entry.get("url")]
    return any(not answer.reason for answer in ask(urls[:1], UV_ANSWERS_S))


def _uv_says(uv: str, *words: str) -> str:
    """What `uv python ...` answers, "" if it fails."""
    done = subprocess.run([uv, "python", *words], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _trusted(python: Path, origin: str, step: Step, series: tuple[int, int]) -> Interpreter | None:
    """`python` if its self-test passes; otherwise None, and the reason is told."""
    tested = self_test(python, series)
    if tested.trusted:
        return Interpreter(tested.base, tested.version, origin)
    step.tell(f"skipped: {_words(python, tested)}")
    return None


def _words(python: Path, tested: SelfTest) -> str:
    return f"{python}: {'; '.join(tested.reasons)}"
