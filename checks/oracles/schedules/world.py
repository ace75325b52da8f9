"""The attendee's program in the controlled world: its file, the modules beside it, and what it makes by `exec`."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Mapping, MutableMapping
from importlib.util import resolve_name
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from checks.oracles.schedules.control import active
from checks.oracles.schedules.library import library, number
from checks.oracles.schedules.rewriting import HELPERS, compiled
from checks.oracles.schedules.touches import WatchedModule


class Program:
    """An attendee's file, rewritten once and loaded anew in each run: its globals are as at first."""

    def __init__(self, path: Path, name: str = "exercise") -> None:
        self._path = path
        self._name = name
        self._codes: dict[Path, CodeType] = {}

    def module(self) -> ModuleType:
        """The file as a module of the controlled world; whatever its top level raises is raised here."""
        return _Loading(self._path.parent, self._codes).load(self._path, self._name)


class _Loading:
    """One loading of the file and of the modules beside it."""

    def __init__(self, folder: Path, codes: dict[Path, CodeType]) -> None:
        self._folder = folder
        self._codes = codes
        self._modules: dict[str, ModuleType] = {}
        self._builtins = {
            **vars(builtins),
            **HELPERS,
            "__import__": self._import,
            "exec": _execute,
            "eval": _evaluate,
            "compile": _compile,
            "id": number,
            "print": _print,
        }

    def load(self, path: Path, name: str) -> ModuleType:
        module = self._modules[name] = WatchedModule(name)
        is_package = path.name == "__init__.py"
        package = name if is_package else name.rpartition(".")[0]
        vars(module).update(__file__=str(path), __package__=package, __builtins__=self._builtins)
        if is_package:
            vars(module)["__path__"] = [str(path.parent)]
        if path not in self._codes:
            self._codes[path] = compiled(path.read_bytes(), str(path))
        before = sys.modules.get(name)
        sys.modules[name] = module  # dataclasses look their module up
        try:
            exec(self._codes[path], vars(module))
        finally:
            if before is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = before
        return module

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002 - called by the interpreter
        locals: Mapping[str, Any] | None = None,  # noqa: A002
        fromlist: tuple[str, ...] = (),
        level: int = 0,
    ) -> Any:
        controlled = library()
        if level == 0 and name in controlled:
            return controlled[name if fromlist else name.partition(".")[0]]
        whole = resolve_name(f"{'.' * level}{name}", (globals or {}).get("__package__", "")) if level else name
        if self._file(whole.partition(".")[0]) is None:
            return __import__(name, globals, locals, fromlist, level)
        module = self._loaded(whole)
        for each in fromlist or ():
            if not hasattr(module, each) and self._file(f"{whole}.{each}"):
                self._loaded(f"{whole}.{each}")
        return module if fromlist else self._modules[whole.partition(".")[0]]

    def _loaded(self, name: str) -> ModuleType:
        """The module `name` from beside the exercise, in its package if it has one."""
        outer, _dot, last = name.rpartition(".")
        package = self._loaded(outer) if outer else None
        if name not in self._modules:
            file = self._file(name)
            if file is None:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            module = self.load(file, name)
            if package:
                setattr(package, last, module)
        return self._modules[name]

    def _file(self, name: str) -> Path | None:
        """The file of a module that lies beside the exercise, unless the library has one of that name."""
        if name.partition(".")[0] in sys.stdlib_module_names:
            return None
        place = self._folder.joinpath(*name.split("."))
        return next((each for each in (place.with_suffix(".py"), place / "__init__.py") if each.is_file()), None)


def _print(*values: object, **options: Any) -> None:
    """Nothing is printed while schedules are tried: it would be printed a thousand times."""
    if active() is None:
        builtins.print(*values, **options)


_MADE: dict[str | bytes, int] = {}  # what has been given to exec, each text with a number


def _code(source: Any, mode: str) -> Any:
    if isinstance(source, str | bytes) and mode == "exec":
        number = _MADE.setdefault(source, len(_MADE) + 1)
        return compiled(source, f"<code made by exec, {number}>")
    return source


def _execute(
    source: Any,
    globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - named as in `exec`
    locals: Mapping[str, Any] | None = None,  # noqa: A002
    **options: Any,
) -> None:
    """As `exec`; what it makes is rewritten as well."""
    frame = sys._getframe(1)
    if globals is None:
        globals, locals = frame.f_globals, frame.f_locals if locals is None else locals  # noqa: A001
    globals.setdefault("__builtins__", frame.f_builtins)
    exec(_code(source, "exec"), globals, locals, **options)  # type: ignore[arg-type]


def _evaluate(
    source: Any,
    globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - named as in `eval`
    locals: Mapping[str, Any] | None = None,  # noqa: A002
) -> Any:
    """As `eval`."""
    frame = sys._getframe(1)
    if globals is None:
        globals, locals = frame.f_globals, frame.f_locals if locals is None else locals  # noqa: A001
    return eval(source, globals, locals)  # type: ignore[arg-type]


def _compile(source: Any, filename: Any, mode: str, *args: Any, **options: Any) -> Any:
    """As `compile`."""
    if mode == "exec" and isinstance(source, str | bytes | ast.Module):
        return compiled(source, str(filename))
    return compile(source, filename, mode, *args, **options)
