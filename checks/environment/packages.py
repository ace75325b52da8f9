"""The packages of the lab environment are those of its lock, in those versions."""

from __future__ import annotations

import csv
import importlib.metadata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from checks.environment import lock
from checks.environment.environment import Environment
from checks.environment.interpreter import gather_build
from checks.suite import Failed, Found, Inconclusive, check

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Installed:
    """One installed distribution; `files` as its RECORD lists them, relative to site-packages."""

    name: str
    version: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """What separates an environment from its lock."""

    missing: tuple[str, ...]
    extra: tuple[str, ...]
    other_version: tuple[tuple[str, str, str], ...]  # name, installed, locked

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra or self.other_version)


def wanted_here(environment: Environment) -> dict[str, str]:
    """name -> version of the lock's packages that apply here. Inconclusive without a lock that can be read."""
    try:
        text = environment.lock.read_text()
    except OSError as error:
        raise Inconclusive(
            f"no lock at {environment.lock}: {error.strerror}",
            expected="the lab environment that `./workshop up` makes; it carries its lock",
            do="run the checks by `./workshop check`, which uses that environment",
        ) from error
    try:
        wanted = lock.applying(lock.read_pins(text), lock.own_values(gather_build(environment).version))
    except ValueError as error:
        raise Inconclusive(f"{environment.lock}: {error}", do="`./workshop up` makes the environment anew") from error
    if not wanted:
        raise Inconclusive(f"{environment.lock} names no package that applies to this machine")
    return wanted


def gather_installed(site_packages: Path) -> tuple[Installed, ...]:
    """The distributions in `site_packages`, by name."""
    found = [
        Installed(lock.normalised(each.name), each.version, tuple(_files(each.read_text("RECORD") or "")))
        for each in importlib.metadata.distributions(path=[str(site_packages)])
    ]
    return tuple(sorted(found, key=lambda each: each.name))


def _files(record: str) -> Iterable[str]:
    return (row[0] for row in csv.reader(record.splitlines()) if row)


def judge(installed: Mapping[str, str], wanted: Mapping[str, str]) -> Differences:
    """How what is installed differs from what is wanted (both name -> version)."""
    return Differences(
        missing=tuple(sorted(wanted.keys() - installed.keys())),
        extra=tuple(sorted(installed.keys() - wanted.keys())),
        other_version=tuple(
            (name, installed[name], wanted[name])
            for name in sorted(wanted.keys() & installed.keys())
            if installed[name] != wanted[name]
        ),
    )


def word(differences: Differences) -> str:
    """The differences in one line, each kind with its names."""
    kinds = (
        ("missing", differences.missing),
        ("other version", [f"{name} {has} (lock: {locked})" for name, has, locked in differences.other_version]),
        ("not in the lock", differences.extra),
    )
    return "; ".join(f"{kind}: {_some(names)}" for kind, names in kinds if names)


def _some(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return ", ".join(every[:SHOWN]) + more


@check("lock.file", "The environment carries its lock", requires=["python.build"])
def file(environment: Environment) -> str:
    """`./workshop up` makes the lab environment anew, with the lock that it was installed from."""
    return f"{len(wanted_here(environment))} packages, in {environment.lock}"


@check("packages.lock", "The packages are those of the lock", requires=["lock.file"])
def locked(environment: Environment) -> Found:
    """`./workshop up` makes the lab environment anew. A package of your own that is not in the lock: take it out
    (`uv pip uninstall --python PYTHON NAME`), or run with `--ignore packages.lock` and know that the labs were proved
    without it."""
    wanted = wanted_here(environment)
    installed = {each.name: each.version for each in gather_installed(environment.site_packages)}
    if differences := judge(installed, wanted):
        raise Failed(word(differences), expected=f"exactly the {len(wanted)} packages of {environment.lock}")
    return Found(f"{len(wanted)} packages, each in the version of the lock", {"packages": installed})
