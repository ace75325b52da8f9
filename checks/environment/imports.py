"""Imports every package in a child process of its own, side by side, and tells what each import did to the GIL.

What is imported of a distribution: its top-level modules, and then each of its extension modules, because only those
can turn the GIL on and `import PIL` alone loads none of them. A top-level module must import; an extension module that
does not (tkinter absent, a plain library by the same suffix) is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import PurePosixPath

from checks.environment.environment import Environment
from checks.environment.fresh import Ran, run_script
from checks.environment.packages import Installed
from checks.gil import culprit
from foundation import cores

LIMIT_S = 30.0  # matplotlib lists the machine's fonts on its first import: several seconds on a slow disk
# Native pools that start a thread per core at import would only take the cores from the other children.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class Outcome(Enum):
    """What importing one distribution came to."""

    GIL_OFF = auto()
    GIL_ON = auto()
    NOT_IMPORTED = auto()
    CRASHED = auto()
    HUNG = auto()


@dataclass(frozen=True, slots=True)
class Import:
    """One distribution's import. module: the culprit of GIL_ON, else the one being imported where it went wrong."""

    distribution: str
    outcome: Outcome
    imported: tuple[str, ...] = ()
    module: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Modules:
    """What to import of one distribution: what must import, and what may."""

    distribution: str
    must: tuple[str, ...]
    may: tuple[str, ...]


def modules_of(installed: Installed) -> Modules:
    """The modules to import of `installed`, read from its list of files."""
    paths = [PurePosixPath(file) for file in installed.files if file.endswith((".py", ".so"))]
    top = sorted({name for path in paths if (name := path.parts[0].split(".")[0]) and _is_module(path.parts[:1], path)})
    public = [name for name in top if not name.startswith("_")]
    extensions = sorted(_dotted(path) for path in paths if path.suffix == ".so" and _is_extension(path))
    return Modules(installed.name, tuple(public or top), tuple(name for name in extensions if name not in public))


def _is_module(first: tuple[str, ...], path: PurePosixPath) -> bool:
    """Whether the first part of `path` can be imported: a folder or file by a Python name, not `../bin` or `x.libs`."""
    name = first[0]
    return name.isidentifier() if len(path.parts) > 1 else name.split(".")[0].isidentifier()


def _is_extension(path: PurePosixPath) -> bool:
    """Whether it can be an extension module: a shared library to link to is named lib*, or stands in x.libs."""
    *folders, file = path.parts
    name = file.split(".")[0]
    return all(part.isidentifier() for part in (*folders, name)) and not name.startswith("lib")


def _dotted(path: PurePosixPath) -> str:
    return ".".join((*path.parts[:-1], path.name.split(".")[0]))


def gather_imports(environment: Environment, distributions: Sequence[Installed]) -> tuple[Import, ...]:
    """Import each of `distributions` in a child of its own, as many at a time as there are cores, and two at least.

    Those with the most files go first: they take longest, and nobody waits for a late one at the end.
    """
    in_turn = sorted(distributions, key=lambda each: len(each.files), reverse=True)
    with ThreadPoolExecutor(max(2, cores.usable())) as pool:  # an import also waits for the disk
        found = pool.map(lambda each: import_one(environment, modules_of(each)), in_turn)
        return tuple(sorted(found, key=lambda each: each.distribution))


def import_one(environment: Environment, modules: Modules, limit_s: float = LIMIT_S) -> Import:
    """Import `modules` in a fresh child with PYTHON_GIL unset, and judge what came of it."""
    arguments = [json.dumps(modules.must), json.dumps(modules.may)]
    environ = environment.child_environ(**_ONE_THREAD)
    return judge(modules.distribution, run_script("import_all", arguments, environment.python, environ, limit_s))


def judge(distribution: str, ran: Ran) -> Import:
    """What the child's lines, warnings and end say about the import of `distribution`."""
    lines = ran.out.splitlines()
    last = next((line.removeprefix("> ") for line in reversed(lines) if line.startswith("> ")), "")
    if ran.code is None:
        return Import(distribution, Outcome.HUNG, module=last)
    if ran.code != 0 or not lines or lines[-1].startswith("> "):
        return Import(distribution, Outcome.CRASHED, module=last, why=f"the process {ran.ending}")
    answer = json.loads(lines[-1])
    if answer["gil_on"]:
        return Import(distribution, Outcome.GIL_ON, module=culprit([ran.err]) or answer["at"])
    if answer["failed"]:
        module, why = next(iter(answer["failed"].items()))
        return Import(distribution, Outcome.NOT_IMPORTED, module=module, why=why)
    return Import(distribution, Outcome.GIL_OFF, imported=tuple(answer["imported"]))
