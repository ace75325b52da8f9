"""The subject of a lab's checks: one exercise file, loaded once as a module, probes let in where a check needs them."""

from __future__ import annotations

import functools
import inspect
import sys
import tokenize
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from io import BytesIO
from pathlib import Path
from types import FunctionType, ModuleType, TracebackType
from typing import Any

from checks import gil, pure_compute, untouched
from checks.constants import immortal
from checks.suite import Check, Failed, check, collect

GIL = "gil"
COMMON = ("loads", GIL)  # the codes of the checks that every lab has


@dataclass
class Exercise:
    """An attendee's file. `module` runs it on first use (its `if __name__ == "__main__":` cells do not run).

    From before the file is loaded it is watched: who has turned the GIL on, "" while it is off (`turned_on_by`), and
    which function of the checks was replaced, "" while none is (`replaced`).
    """

    path: Path
    turned_on_by: Callable[[], str] = field(default_factory=gil.watch)
    replaced: Callable[[], str] = field(default_factory=untouched.watch)

    @cached_property
    def module(self) -> ModuleType:
        """The module made of the file; whatever its top level raises is raised here, Failed if the file is gone."""
        try:
            _require_text(self.path)
        except OSError as error:
            raise Failed(
                f"{self.path.name} cannot be read: {error.strerror}",
                expected="the file of the exercise where it was",
                do="./workshop lab reset LAB brings it back as it was at the beginning",
            ) from None
        return load(self.path, "exercise")

    def function(self, name: str) -> Callable[..., Any]:
        """The attendee's function `name`; Failed where it is gone, is no function, or takes other parameters."""
        found = getattr(self.module, name, None)
        if inspect.isfunction(found):
            return _called_as_written(found)
        if callable(found):
            return found  # type: ignore[no-any-return]
        what = "is missing" if found is None else f"is of type {type(found).__name__}, not a function"
        raise Failed(
            f"`{name}` {what}",
            expected=f"the function `{name}` that the exercise began with",
            do="keep the names that the exercise gives: the checks call them",
        )

    @contextmanager
    def with_replaced(self, name: str, value: object) -> Iterator[None]:
        """Within the block the module's global `name` is `value`: how a probe gets into the attendee's code."""
        before = getattr(self.module, name)
        setattr(self.module, name, value)
        try:
            yield
        finally:
            setattr(self.module, name, before)

    def place(self, trace: TracebackType | None) -> str:
        """Where in the attendee's file the exception came from ("line 12, in render: `x = 1 / 0`"); "" if nowhere."""
        frames = [frame for frame in traceback.extract_tb(trace) if Path(frame.filename) == self.path]
        if not frames:
            return ""
        last = frames[-1]
        source = f": `{last.line}`" if last.line else ""  # none if the file is gone
        return f"line {last.lineno}, in {last.name}{source}"


def _require_text(path: Path) -> None:
    """Failed if the file holds bytes that are no text, in UTF-8 or in what its first lines declare."""
    content = path.read_bytes()
    try:
        encoding, _lines = tokenize.detect_encoding(BytesIO(content).readline)
    except SyntaxError:  # of an unknown encoding; what else it dislikes is found below
        encoding = "utf-8"
    try:
        if b"\0" in content:
            raise UnicodeDecodeError(encoding, content, content.index(b"\0"), len(content), "")
        content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        looks = "it looks like UTF-16" if b"\0" in content else f"byte 0x{content[error.start]:02X} in line {line}"
        raise Failed(
            f"{path.name} is no text in {encoding.upper()}: {looks}",
            expected="Python in UTF-8, as JupyterLab saves it",
            do="save the file as UTF-8: another editor has saved it in another encoding",
        ) from None


def _called_as_written(function: FunctionType) -> Callable[..., Any]:
    """`function`, which raises Failed instead of TypeError if it cannot take the arguments that a check gives it."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            signature.bind(*args, **kwargs)
        except TypeError as error:
            raise Failed(
                f"`{function.__name__}{signature}` cannot be called as the exercise asks: {error}",
                expected="the parameters that the exercise began with",
                do="keep the parameters that the exercise gives: the checks call with them",
            ) from None
        return function(*args, **kwargs)

    return called


def load(path: Path, name: str) -> ModuleType:
    """The file at `path` as module `name`."""
    # not by an importer: its cache misses an edit within the second
    code = immortal(compile(path.read_bytes(), str(path), "exec", dont_inherit=True))
    module = sys.modules[name] = ModuleType(name)
    module.__file__ = str(path)
    exec(code, module.__dict__)
    return module


@check("loads", "The file runs from top to bottom")
def loads(exercise: Exercise) -> str:
    """Run all cells in a fresh kernel (Kernel > Restart Kernel and Run All Cells): the same error shows there.
    Cells that only try something out belong under `if __name__ == "__main__":`.
    """
    try:
        exercise.module  # noqa: B018 - loading it is the check
    except SyntaxError as error:
        where = f", line {error.lineno}: `{(error.text or '').strip()}`" if error.lineno else ""
        other = f" (in {error.filename})" if error.filename not in (None, str(exercise.path), "<string>") else ""
        raise Failed(f"{error.msg}{where}{other}", expected="Python") from None
    return f"{exercise.path.name} loaded"


@check(GIL, "The GIL is off, and your code leaves it off", requires=["loads"])
def gil_off(exercise: Exercise) -> str:
    """Choose the kernel "Free-threaded Python, GIL off", and import nothing that turns the GIL back on, inside a
    function neither: lab 29 is about finding the module that does.
    """
    return gil.require_off(exercise.turned_on_by)


def suite(check_file: str, exercise_file: str, gil_on: bool = False) -> tuple[tuple[Check, ...], Exercise]:
    """A lab's checks in order, behind the two that every lab has, and the exercise that they judge.

    gil_on: the lab runs on Numba's simulator, which needs the GIL: `gil` is then not among them.
    """
    path = Path(exercise_file)
    sys.path.append(str(path.parent))  # modules beside the exercise are found, and cannot stand in for ours
    own = collect(load(Path(check_file), "lab_check"))
    common: Sequence[Check] = (loads,) if gil_on else (loads, gil_off)
    behind = tuple(each.code for each in common)
    every = (*common, *(replace(each, requires=(*behind, *each.requires)) for each in own))
    slower = pure_compute.slowness()
    return tuple(replace(each, limit_s=round(each.limit_s * slower, 1)) for each in every), Exercise(path)
