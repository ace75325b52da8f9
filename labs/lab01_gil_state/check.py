"""What lab 01 proves: build and state are told apart, in real interpreters and in simulated ones."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from checks.exercise import Exercise
from checks.oracles import answers, interpreters, ordinary_python
from checks.suite import Failed, Skipped, check
from foundation.problem import Problem

WORDS = {False: "GIL off", True: "GIL on"}


@check("gil_off", "This Python as it starts: free-threaded build, GIL off")
def gil_off(exercise: Exercise) -> str:
    """`describe()` returns `Gil(free_threaded=..., on=...)`, two plain truths, in this order."""
    return require(interpreters.ask(described, exercise), free_threaded=True, on=False)


@check("forced_on", "The same Python with `-X gil=1`: free-threaded build, GIL on", requires=["gil_off"])
def forced_on(exercise: Exercise) -> str:
    """The build is the same, the state is not: only the running interpreter can tell whether its GIL is on."""
    return require(interpreters.ask(described, exercise, flags=["-X", "gil=1"]), free_threaded=True, on=True)


@check("ordinary", "An ordinary Python of any version: GIL always on", requires=["gil_off"])
def ordinary(exercise: Exercise) -> str:
    """An ordinary Python always has its GIL, and before 3.13 it has no function that says so: `hasattr(sys, ...)`. From
    3.13 on the function is there, and the build is ordinary all the same.
    """
    for minor in (12, 13):
        said = interpreters.ask(described_in_ordinary, exercise, minor)
        try:
            require(said, free_threaded=False, on=True)
        except Failed as failed:
            raise Failed(f"in an ordinary Python 3.{minor} {failed.found}", expected=failed.expected) from None
    try:
        python = interpreters.ordinary()
    except Skipped:
        return "ordinary build, GIL on: in 3.12 and 3.13, simulated"
    require(interpreters.ask(described, exercise, python=python), free_threaded=False, on=True)
    return f"ordinary build, GIL on: in 3.12 and 3.13, simulated, and in {python}"


@check("turned_on_later", "An import turns the GIL on while the program runs", requires=["gil_off"])
def turned_on_later(exercise: Exercise) -> str:
    """Ask for the state inside `describe`, each time that it is called: it may have changed since."""
    try:
        from labs.extension import built

        module = built(Path(__file__).with_name("needs_gil.c"))
    except Problem as problem:
        raise Skipped(problem.found) from None
    before, after = interpreters.ask(described_around_an_import, exercise, str(module))
    require(before, free_threaded=True, on=False)
    try:
        require(after, free_threaded=True, on=True)
    except Failed as failed:
        raise Failed(f"an import had turned the GIL on, and then {failed.found}", expected=failed.expected) from None
    return "off before the import, on after it"


def described(exercise: Exercise) -> list[object]:
    """What `describe()` says: [free_threaded, on]."""
    return plain(exercise.function("describe")())


def described_in_ordinary(exercise: Exercise, minor: int) -> list[object]:
    """The same in what looks like an ordinary Python 3.`minor`."""
    ordinary_python.look_like(minor)
    return described(exercise)


def described_around_an_import(exercise: Exercise, module: str) -> list[list[object]]:
    """What `describe()` says before and after the import of the extension `module`."""
    import importlib
    import warnings

    before = described(exercise)
    sys.path.append(str(Path(module).parent))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module(Path(module).name.partition(".")[0])
    return [before, described(exercise)]


def plain(answer: Any) -> list[object]:
    """Both fields of `answer` as truths; Failed if it does not have two, or they are something else."""
    named = hasattr(answer, "free_threaded") and hasattr(answer, "on")
    pair = isinstance(answer, tuple | list) and len(answer) == 2
    fields = [answer.free_threaded, answer.on] if named else list(answer) if pair else []
    # None is what an ordinary Python has for Py_GIL_DISABLED, 1 what a free-threaded one has
    if not fields or not all(each is None or (isinstance(each, int) and each in (0, 1)) for each in fields):
        raise Failed(
            f"`describe()` is {answers.short(answer)}", expected="`Gil(free_threaded=..., on=...)`, each True or False"
        )
    return [bool(each) for each in fields]


def require(said: Sequence[object], *, free_threaded: bool, on: bool) -> str:
    """What was said in words, where it is so; otherwise Failed."""
    wanted = f"free_threaded={free_threaded}, on={on}"
    if list(said) != [free_threaded, on]:
        raise Failed(f"`describe()` says free_threaded={said[0]}, on={said[1]}", expected=wanted)
    return f"{'free-threaded' if free_threaded else 'ordinary'} build, {WORDS[on]}"
