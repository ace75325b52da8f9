"""The rows of versions.toml, typed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from foundation.problem import ExitCode, Problem

FILE = Path(__file__).with_name("versions.toml")
OLDEST_TRUSTED = (3, 13, 5)  # earlier 3.13t releases lack fixes to crashes of free-threaded code


@dataclass(frozen=True, slots=True)
class Row:
    """One CPython release that the recipe can build, free-threaded."""

    version: str
    sha256: str

    @property
    def name(self) -> str:
        """What people call it: "3.13.15t"."""
        return f"{self.version}t"

    @property
    def minor(self) -> str:
        """The release series: "3.13"."""
        return self.version.rpartition(".")[0]

    @property
    def series(self) -> tuple[int, int]:
        """The same as numbers: (3, 13)."""
        major, minor = (int(part) for part in self.minor.split("."))
        return major, minor


@dataclass(frozen=True, slots=True)
class Versions:
    """All that versions.toml says.

    lab_python: the name of the series, or of the row, to use if none is named.
    lacking: the series ("3.13") for which wheels have to be made here.
    """

    lab_python: str
    cpython: tuple[Row, ...]
    upstream: str
    uv: str
    node: str
    lacking: str
    compiled: tuple[str, ...]
    retagged: Mapping[str, str]
    pure: tuple[str, ...]

    def rows(self, name: str | None = None) -> tuple[Row, ...]:
        """The rows to try in order: those of the series `name` ("3.14t"), or the one called so ("3.14.10t")."""
        name = name or self.lab_python
        wanted = name.removesuffix("t")
        found = tuple(row for row in self.cpython if wanted in (row.version, row.minor))
        if found:
            return found
        raise Problem(
            f"no CPython row is named {name!r}",
            expected=f"one of {', '.join([*self.series, *(row.name for row in self.cpython)])}",
            exit_code=ExitCode.USAGE,
        )

    @property
    def series(self) -> tuple[str, ...]:
        """The series that can be named: "3.13t", "3.14t"."""
        return tuple(dict.fromkeys(f"{row.minor}t" for row in self.cpython))


@cache
def versions(file: Path = FILE) -> Versions:
    """The content of versions.toml."""
    data: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return Versions(
        lab_python=data["lab_python"],
        cpython=tuple(Row(**row) for row in data["cpython"]),
        upstream=data["cpython_source"]["upstream"],
        uv=data["uv"]["version"],
        node=data["node"]["version"],
        lacking=data["wheels"]["lacking"],
        compiled=tuple(data["wheels"]["compiled"]),
        retagged=data["wheels"]["retagged"],
        pure=tuple(data["wheels"]["pure"]),
    )
