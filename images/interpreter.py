"""The free-threaded interpreter of the workshop: found on this machine where it can be trusted, otherwise built."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from checks.problem import Problem
from images.cache import cache_root, discard
from images.cpython.recipe import build_into_cache, find_built
from images.cpython.selftest import Verdict, self_test
from images.download import ask
from images.steps import Step, Steps
from images.versions import Row, versions

NAMED_VARIABLE = "WORKSHOP_PYTHON"
COMMAND = "python3.13t"
UV_REQUEST = "3.13t"
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
    """The interpreter to use, built where none is found. `row` names one row of versions.toml, which is then built.

    Asked in order: WORKSHOP_PYTHON, python3.13t on PATH, the cache, uv's Pythons. Raises Problem where none can be had.
    """
    with steps.step("free-threaded CPython") as step:
        found = find(step, versions().rows(row), named=row is not None)
        if found:
            step.already(f"{found.version}t, {found.origin}")
            return found
        built = build_into_cache(versions().rows(row), step)
        return Interpreter(built.python, built.row.version, f"built now, source from {built.origin}")


def find(step: Step, rows: tuple[Row, ...], *, named: bool = False) -> Interpreter | None:
    """An interpreter that is there already, or that uv brings. Where a row is `named` only the cache can have it."""
    if named:
        return from_cache(step, rows)
    return from_variable() or from_path(step) or from_cache(step, rows) or from_uv(step)


def from_variable() -> Interpreter | None:
    """The one that WORKSHOP_PYTHON names. Raises Problem where it cannot be trusted: it was asked for by name."""
    named = os.environ.get(NAMED_VARIABLE)
    if not named:
        return None
    python = Path(shutil.which(named) or named).expanduser().absolute()
    verdict = self_test(python)
    if verdict.trusted:
        return Interpreter(verdict.base, verdict.version, f"named by {NAMED_VARIABLE}")
    raise Problem(
        f"{NAMED_VARIABLE} is {named}, which cannot be used:\n" + "\n".join(verdict.reasons),
        expected="a free-threaded Python 3.13 with its whole standard library",
        do=f"set {NAMED_VARIABLE} to such a Python, or unset it: one is found or built then",
    )


def from_path(step: Step) -> Interpreter | None:
    """The python3.13t on PATH; one that cannot be trusted is told of and skipped."""
    python = shutil.which(COMMAND)
    return _trusted(Path(python), f"found on PATH: {python}", step) if python else None


def from_cache(step: Step, rows: tuple[Row, ...]) -> Interpreter | None:
    """The one built before; it is removed where a change of the system broke it."""
    built = find_built(rows)
    if not built:
        return None
    verdict = self_test(built.python, built.row.series)
    if verdict.trusted:
        return Interpreter(built.python, verdict.version, f"built before: {built.folder}")
    step.tell(f"removed: {_words(built.python, verdict)}")
    discard(built.folder.name, cache_root())
    return None


def from_uv(step: Step) -> Interpreter | None:
    """The one that uv has, or that it can fetch at once: a silent host costs seconds."""
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if not uv:
        return None
    python = _uv_says(uv, "find", "--managed-python", "--no-python-downloads", UV_REQUEST)
    if not python:
        if not _uv_host_answers(uv):
            return None
        step.say("uv python install")
        try:
            step.run([uv, "python", "install", "--no-bin", UV_REQUEST])
        except Problem as problem:
            step.tell(f"skipped: uv's Python: {problem.found.splitlines()[0]}")
            return None
        python = _uv_says(uv, "find", "--managed-python", "--no-python-downloads", UV_REQUEST)
    return _trusted(Path(python), "installed by uv", step) if python else None


def _uv_host_answers(uv: str) -> bool:
    """Whether the place answers that uv would download from."""
    listed = _uv_says(uv, "list", "--only-downloads", "--output-format", "json", UV_REQUEST)
    urls = [entry["url"] for entry in json.loads(listed or "[]") if entry.get("url")]
    return any(not answer.reason for answer in ask(urls[:1], UV_ANSWERS_S))


def _uv_says(uv: str, *words: str) -> str:
    """What `uv python ...` answers, "" where it fails."""
    done = subprocess.run([uv, "python", *words], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _trusted(python: Path, origin: str, step: Step) -> Interpreter | None:
    """`python` where its self-test passes; otherwise None, and the reason is told."""
    verdict = self_test(python)
    if verdict.trusted:
        return Interpreter(verdict.base, verdict.version, origin)
    step.tell(f"skipped: {_words(python, verdict)}")
    return None


def _words(python: Path, verdict: Verdict) -> str:
    return f"{python}: {'; '.join(verdict.reasons)}"
