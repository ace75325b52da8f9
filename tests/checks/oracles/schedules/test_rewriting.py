"""Rewritten code does what it did before, in its order, with its lines, names and tracebacks."""

# mypy: ignore-errors
# A class with one of everything in the language is no code that types are good for.

from __future__ import annotations

import ast
import inspect
import textwrap
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.oracles.schedules.rewriting import compiled
from tests.checks.oracles.schedules.test_library import run_plainly, run_under_control


class Language:
    """One method for a part of the language; all of them return what they have seen."""

    def attributes(self) -> object:
        class A:
            kind = "a"

            def __init__(self) -> None:
                self.__own = 1

            @property
            def own(self) -> int:
                return self.__own

            @own.setter
            def own(self, value: int) -> None:
                self.__own = value

            def grow(self) -> int:
                self.__own += 1
                return self.__own

        class B(A):
            __slots__ = ("slot",)

            def grow(self) -> int:
                return super().grow() * 10

        b = B()
        b.own += 5
        b.slot = [1]
        b.slot += [2]
        del b.slot[0]
        B.kind += "b"
        return [b.own, b.grow(), b.slot, b.kind, A.kind, vars(b), getattr(b, "none", 3), hasattr(b, "slot")]

    def items(self) -> object:
        order: list[str] = []

        def at(name: str, value: object) -> object:
            order.append(name)
            return value

        d: dict[object, object] = {}
        d[at("key", 1)] = at("value", 2)
        d[at("key", 1)] += at("more", 3)  # type: ignore[operator]
        matrix = [[1, 2], [3, 4]]
        matrix[at("row", 1)][at("column", 0)] *= at("factor", 5)  # type: ignore[call-overload,operator]
        first, (second, *rest) = matrix[0][0], [*matrix[1], *"ab"]
        text = "abcdef"[1:4:2]
        return [order, d, matrix, first, second, rest, text, d.pop(1), d.get(1, "gone")]

    def loops(self) -> object:
        found = []
        for n, letter in enumerate("abc"):
            if n == 1:
                continue
            found.append(letter)
        else:
            found.append("else")
        while found:
            if len(found) == 1:
                break
            found.pop()
        squares = {n: n * n for n in range(4) if n % 2}
        pairs = [(a, b) for a in squares for b in squares.values() if a != b]
        total = sum(n for n in squares.values())
        return [found, squares, pairs, total, sorted({*squares}), [x for x in zip(squares, "ab", strict=True)]]

    def conditions(self) -> object:
        empty: list[int] = []
        full = [1]
        chained = 1 < len(full) + 1 <= 2 != 3
        return [
            empty or full,
            full and empty,
            not empty,
            1 in full,
            2 not in full,
            chained,
            empty is empty,
            "yes" if full else "no",
            (n := len(full)) + n,
            full == [1],
            -len(full),
        ]

    def closures(self) -> object:
        n, log = 0, []

        def add(by: int = 1, *, times: int = 1) -> int:
            nonlocal n
            n += by * times
            return n

        class Noted:
            def __enter__(self) -> str:
                log.append("in")
                return "noted"

            def __exit__(self, *_: object) -> bool:
                log.append("out")
                return True

        with Noted() as noted:
            add(2, times=3)
            raise ValueError(noted)
        return [n, log, (lambda x=add(1): x)(), f"{n:>4}|{log!r}|{add():02d}"]

    def generators(self) -> object:
        def count(to: int):  # type: ignore[no-untyped-def]
            for n in range(to):
                got = yield n
                if got:
                    return got

        def twice():  # type: ignore[no-untyped-def]
            result = yield from count(3)
            yield result

        g = count(5)
        first, second = next(g), next(g)
        try:
            g.send("done")
        except StopIteration as stop:
            return [first, second, stop.value, list(twice())]

    def matching(self) -> object:
        def say(value: object) -> str:
            match value:
                case {"kind": kind, **rest}:
                    return f"dict {kind} {rest}"
                case [first, *others]:
                    return f"list {first} {others}"
                case str() | int():
                    return "scalar"
                case _:
                    return "other"

        return [say({"kind": 1, "x": 2}), say([1, 2, 3]), say("x"), say(None)]

    def exceptions(self) -> object:
        log = []
        try:
            try:
                {}["missing"]  # noqa: B018
            except KeyError as error:
                raise RuntimeError("no") from error
            finally:
                log.append("finally")
        except RuntimeError as error:
            log.append(repr(error.__cause__))
        else:
            log.append("else")
        return log

    def code_made_by_code(self) -> object:
        names: dict[str, object] = {}
        exec("def double(x):\n    return x * 2\nmade = double(4)", names)
        exec("inner = 1 + 1")
        return [names["made"], eval("3 + 4"), eval(compile("5 * 5", "here", "eval")), names["double"](21)]  # type: ignore[operator]


@pytest.mark.parametrize("part", [name for name in vars(Language) if not name.startswith("_")])
def test_a_part_of_the_language_gives_what_it_gave(part: str, tmp_path: Path) -> None:
    body = textwrap.dedent(inspect.getsource(getattr(Language, part)))
    file = tmp_path / "program.py"
    file.write_text(f"{body}\ndef run():\n    return {part}(None)\n")
    assert run_under_control(file) == run_plainly(file)


@pytest.mark.parametrize("module", [textwrap, ast, inspect, traceback])
def test_the_lines_and_names_of_a_large_module_stay_as_they_were(module: object) -> None:
    source = inspect.getsource(module)  # type: ignore[arg-type]
    before, after = (make(source) for make in (_plain, _rewritten))
    assert before == after


def _plain(source: str) -> list[tuple[str, int]]:
    return _functions(compile(source, "module.py", "exec"))


def _rewritten(source: str) -> list[tuple[str, int]]:
    return _functions(compiled(source, "module.py"))


def _functions(code: object) -> list[tuple[str, int]]:
    inner = [each for each in code.co_consts if hasattr(each, "co_consts")]  # type: ignore[attr-defined]
    own = [(each.co_qualname, each.co_firstlineno) for each in inner]
    return own + [found for each in inner for found in _functions(each)]


def test_a_traceback_shows_the_lines_of_the_attendee(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text("class C: pass\ndef run():\n    c = C()\n    return c.missing\n")
    places = [_last_line(run, file) for run in (run_plainly, run_under_control)]
    assert places[0] == places[1] == (4, "return c.missing")


def _last_line(run: Callable[[Path], object], file: Path) -> tuple[int | None, str | None]:
    with pytest.raises(AttributeError) as caught:
        run(file)
    last = [each for each in traceback.extract_tb(caught.value.__traceback__) if each.filename == str(file)][-1]
    return last.lineno, last.line
