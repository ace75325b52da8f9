"""What a check is, and how a module full of them becomes an ordered suite.

@check("pixels", "Every pixel is right", requires=["loads"])
def pixels(exercise: Exercise) -> str:
    '''The picture differs: compare one row with `mandelbrot_row(view, y)`.'''     <- the remedy
    if wrong:
        raise Failed(found="row 3 is all zeros", expected="the serial picture")
    return "17 x 13 pixels equal the serial picture"                                <- found, of a PASS
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from types import ModuleType
from typing import Any

from foundation.problem import ExitCode, Problem

DEFAULT_LIMIT_S = 20.0


@dataclass(frozen=True, slots=True)
class Found:
    """What a passing check saw, in words, with the figures that a picture can be drawn from."""

    text: str
    details: Mapping[str, Any] = field(default_factory=dict)


class NotPassed(Exception):  # noqa: N818 - an outcome, not an error
    """A check's way to end otherwise than by returning: raise one of its three kinds."""

    def __init__(
        self, found: str, *, expected: str = "", do: str = "", details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(found)
        self.found = found
        self.expected = expected
        self.do = do
        self.details = details or {}


class Failed(NotPassed):
    """Not as it should be."""


class Skipped(NotPassed):
    """Does not apply here; `found` is the reason."""


class Inconclusive(NotPassed):
    """This machine cannot say; `found` is the reason."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `run(subject)` returns what it found or raises NotPassed; its docstring is the remedy."""

    code: str
    title: str
    run: Callable[[Any], str | Found]
    requires: tuple[str, ...] = ()
    limit_s: float = DEFAULT_LIMIT_S

    @property
    def remedy(self) -> str:
        """What to do if it fails: the check function's docstring."""
        return inspect.cleandoc(self.run.__doc__ or "")


def check(
    code: str, title: str, *, requires: Sequence[str] = (), limit_s: float = DEFAULT_LIMIT_S
) -> Callable[[Callable[[Any], str | Found]], Check]:
    """Make a check of the function below it. It must have a docstring: the remedy that a failure shows."""

    def make(function: Callable[[Any], str | Found]) -> Check:
        if not (function.__doc__ or "").strip():
            raise TypeError(f"check {code!r} has no docstring: it is the remedy that a failure shows")
        return Check(code, title, function, tuple(requires), limit_s)

    return make


def collect(*modules: ModuleType) -> tuple[Check, ...]:
    """The checks of `modules`, each after the ones that it requires, otherwise as written.

    Raises Problem on no check at all, a code used twice, a requirement that does not exist, or a circle.
    """
    found = [value for module in modules for value in vars(module).values() if isinstance(value, Check)]
    names = ", ".join(module.__name__ for module in modules)
    if not found:
        raise Problem(f"no check in {names}", expected="at least one function under @check(...)")
    by_code = {each.code: each for each in found}
    if len(by_code) != len(found):
        twice = sorted({each.code for each in found if by_code[each.code] is not each})
        raise Problem(f"check codes used twice in {names}: {', '.join(twice)}", expected="each code once")
    return tuple(by_code[code] for code in _ordered({each.code: each.requires for each in found}))


def _ordered(requires: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The codes, each after the ones that it requires; of those that can come next, the one that is written first."""
    for code in requires:
        for other in requires[code]:
            if other not in requires:
                raise Problem(f"check {code!r} requires {other!r}", expected=f"one of {', '.join(requires)}")
    sorter = TopologicalSorter(requires)
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise Problem(f"checks require each other in a circle: {circle}") from error
    written = list(requires)
    ready: list[int] = []
    while sorter.is_active():
        for code in sorter.get_ready():
            heappush(ready, written.index(code))
        code = written[heappop(ready)]
        yield code
        sorter.done(code)


def select(checks: Iterable[Check], wanted: Sequence[str]) -> tuple[Check, ...]:
    """The checks named by code or by a prefix of it, with all that they require; all of them if `wanted` is empty.

    Raises Problem on a name that matches nothing: a filter that matches nothing must never pass.
    """
    every = tuple(checks)
    by_code = {each.code: each for each in every}
    chosen: set[str] = set() if wanted else set(by_code)
    for name in wanted:
        matching = [code for code in by_code if code == name or code.startswith(name)]
        if not matching:
            near = get_close_matches(name, by_code, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]}?" if near else "--list shows them all"
            raise Problem(
                f"no check is named {name!r}",
                expected="a code or the beginning of one",
                do=hint,
                exit_code=ExitCode.USAGE,
            )
        chosen.update(matching)
    pending = list(chosen)
    while pending:
        for code in by_code[pending.pop()].requires:
            if code not in chosen:
                chosen.add(code)
                pending.append(code)
    return tuple(each for each in every if each.code in chosen)
