"""The locks: which version of each package, and the hashes of its files. `python -m images.lock` writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)")


def lock_file(name: str) -> Path:
    """The lock called `name` ("hub", "lab-3.13t")."""
    return FOLDER / f"{name}.txt"


def entries(text: str) -> dict[str, str]:
    """Each package of a lock by its name: its lines, hashes and all."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines(keepends=True):
        if pinned := PINNED.match(line):
            name = pinned["name"]
            found[name] = ""
        if name:
            found[name] += line
    return found


def version_of(entry: str) -> str:
    """The version that a lock's entry pins."""
    pinned = PINNED.match(entry)
    assert pinned, entry
    return pinned["version"]


def only(text: str, names: Iterable[str]) -> str:
    """The part of a lock that is about `names`."""
    every = entries(text)
    return "".join(every[name] for name in names)
