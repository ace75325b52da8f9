"""The whole recipe: toolchain, source, build, self-test; the finished interpreter in the cache or under a prefix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from foundation.problem import ExitCode, Problem
from foundation.steps import Step
from images.cache import Fill, cache_root, content_key, keep, kept, space
from images.cpython import build as compiling
from images.cpython.build import NEEDS_MB, build
from images.cpython.debian import archives
from images.cpython.selftest import self_test
from images.cpython.source import Tarball, obtain_source, sources
from images.cpython.toolchain import HEADERS, require_toolchain
from images.versions import Row


@dataclass(frozen=True, slots=True)
class Built:
    """A finished build: its folder, the row that it was built from, the source's origin ("" if built before)."""

    folder: Path
    row: Row
    origin: str = ""

    @property
    def python(self) -> Path:
        """The interpreter."""
        return interpreter_in(self.folder, self.row)


def interpreter_in(folder: Path, row: Row) -> Path:
    """The interpreter of `row` installed in `folder`."""
    return folder / "bin" / f"python{row.minor}t"


def name_of(row: Row, *, pgo: bool) -> str:
    """The cached build's name: it changes with the recipe, the row, the options, the platform and the cache's place."""
    ingredients = {"version": row.version, "sha256": row.sha256, "pgo": str(pgo), "place": str(cache_root())}
    return f"cpython-{row.name}-{content_key(ingredients, [Path(compiling.__file__)])}"


def find_built(rows: Sequence[Row], *, pgo: bool = False) -> Built | None:
    """The first of `rows` that the cache holds."""
    for row in rows:
        if folder := kept(name_of(row, pgo=pgo), cache_root()):
            return Built(folder, row)
    return None


def build_into_cache(rows: Sequence[Row], step: Step, *, pgo: bool = False) -> Built:
    """Build the first of `rows` whose source can be had, and keep it."""
    tarball = prepare(rows, step, cache_root())
    name = name_of(tarball.row, pgo=pgo)
    folder = keep(name, _fill(tarball, step, pgo=pgo), root=cache_root(), needs_mb=NEEDS_MB, say=step.say)
    return Built(folder, tarball.row, tarball.origin)


def build_under(prefix: Path, rows: Sequence[Row], step: Step, *, pgo: bool = False) -> Built:
    """Build the first of `rows` whose source can be had, into `prefix`, which must not exist yet."""
    if prefix.exists():
        raise Problem(
            f"{prefix} exists already",
            expected="a folder to be made",
            do="name another, or remove it",
            exit_code=ExitCode.USAGE,
        )
    prefix.parent.mkdir(parents=True, exist_ok=True)
    tarball = prepare(rows, step, prefix.parent)
    fill = _fill(tarball, step, pgo=pgo)
    return Built(
        keep(prefix.name, fill, root=prefix.parent, needs_mb=NEEDS_MB, say=step.say), tarball.row, tarball.origin
    )


def prepare(rows: Sequence[Row], step: Step, place: Path) -> Tarball:
    """All that can be known to fail before the long part: toolchain, disk, source."""
    otherwise = f"or set WORKSHOP_PYTHON to a free-threaded Python {rows[0].minor}"
    require_toolchain("CPython", HEADERS, otherwise=otherwise)
    with space(place, NEEDS_MB):
        return fetch(rows, step)


def fetch(rows: Sequence[Row], step: Step) -> Tarball:
    """The source of the first of `rows` that can be had, in the cache."""
    tarball = obtain_source(rows, sources(archives()), cache_root() / "downloads", step.say, step.tell)
    step.tell(f"chosen: CPython {tarball.row.name}, source from {tarball.origin}")
    return tarball


def _fill(tarball: Tarball, step: Step, *, pgo: bool) -> Fill:
    """How the build's folder is filled: compiled, then tried."""

    def fill(work: Path, final: Path) -> Path:
        installed = build(tarball.file, work, final, pgo=pgo, step=step)
        step.say("self-test")
        require_trusted(installed, tarball.row, step)
        return installed

    return fill


def require_trusted(installed: Path, row: Row, step: Step) -> None:
    """Raise Problem if the interpreter just built fails its self-test."""
    tested = self_test(interpreter_in(installed, row), row.series)
    if not tested.trusted:
        raise Problem(
            f"CPython {row.name} was built but fails its self-test: {'; '.join(tested.reasons)}",
            expected="a free-threaded Python with its whole standard library",
            do=f"read the log: {step.log}",
        )
