"""What a command needs of this machine: all of it is looked at, and installed or told, before anything begins.

`gather` looks, `judge` judges, `problem` finds the words; `provide` is what the commands call.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import ssl
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from foundation.packages import install_line, package, venv_package
from foundation.problem import Problem
from foundation.steps import Step, Steps
from images import interpreter
from images.cache import cache_root, kept
from images.cpython import build as cpython
from images.cpython import toolchain
from images.lab import environment as lab
from images.versions import versions
from images.wheels import wheelhouse
from provisioning.here import apt, engine, machine, venv
from provisioning.here.marker_expression import expression_of, may_choose
from provisioning.here.permission import NotAllowed, permission
from provisioning.here.place import Place

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CERTIFICATES = "CA certificates"
VENV = "venv"
ADMINS = ("/usr/local/sbin", "/usr/sbin", "/sbin")  # not on everybody's PATH
VENV_MB = {"hub": 600, "test": 1100}

COMPILER = toolchain.COMMANDS
ENGINE = ("iptables", "runc")  # to start a Docker engine if none answers
LAB = "lab environment"
# What tests need besides .venv, by their folder or file.
OF_TESTS: dict[str, tuple[str, ...]] = {
    "tests": ("git",),
    "tests/bare": (*ENGINE, "git"),
    "tests/bench": (LAB,),
    "tests/checks": (LAB,),
    "tests/docker": (*ENGINE, "chromium"),
    "tests/e2e": ("chromium", LAB),
    "tests/foundation": ("openssl",),
    "tests/hosts": (*ENGINE, "ssh", "ssh-keygen", "openssl", "git"),
    "tests/images": (*COMPILER, *toolchain.HEADERS, "chromium", "git", "openssl", LAB),
    "tests/labs": (*COMPILER, LAB),
    "tests/provisioning": ("chromium", "ssh", "openssl", LAB),
    "tests/test_imports.py": (LAB,),
    "tests/test_online_gpu.py": (LAB,),
}
# What only tests with a marker need: tests/conftest.py says which carry it.
OF_MARKERS = {"docker": ENGINE, "e2e": ("chromium",), "lab_env": (LAB,)}


@dataclass(frozen=True, slots=True)
class Way:
    """A way to use the workshop: the command, the lock of .venv, and what else it needs.

    in_lab: if it needs a lab environment, and all that has to be there to make one.
    """

    command: str
    lock: str
    memory_mb: int
    things: tuple[str, ...] = ()
    in_lab: bool = True


UP = Way("./workshop up", "hub", memory_mb=1000)
BENCH = Way("./workshop bench", "test", memory_mb=2000, things=(*ENGINE, "chromium", "git"))


def of_tests(arguments: Sequence[str], clone: Path) -> Way:
    """What `./workshop test ARGUMENTS` needs: that of the folders that it names, of all if it names none.

    What only tests need that its `-m` leaves out is not needed.
    """
    named = [(clone / word.partition("::")[0]).resolve() for word in arguments if not word.startswith("-")]
    paths = [path for path in named if path.is_relative_to(clone / "tests") and path.exists()] or [clone / "tests"]
    things = [
        thing
        for folder, needed in OF_TESTS.items()
        for path in paths
        if path.is_relative_to(clone / folder) or (clone / folder).is_relative_to(path)
        for thing in needed
    ]
    expression = expression_of(arguments)
    left_out = {thing for marker, only in OF_MARKERS.items() if not may_choose(expression, marker) for thing in only}
    needed = tuple(thing for thing in dict.fromkeys(things) if thing not in {*left_out, LAB})
    return Way("./workshop test", "test", memory_mb=2000, things=needed, in_lab=LAB in {*things} - left_out)


@dataclass(frozen=True, slots=True)
class Room:
    """A folder that will be written to: how much of its disk that takes, how much is free, and which disk it is."""

    folder: Path
    needed_mb: int
    free_mb: int
    disk: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: which of the needed things are missing, and what there is of the rest.

    venv_package: the package that completes this Python; "" if it is not the system's own.
    """

    missing: tuple[str, ...] = ()
    venv_package: str = ""
    rooms: tuple[Room, ...] = ()
    memory_free_mb: int = sys.maxsize


@dataclass(frozen=True, slots=True)
class Lack:
    """What stands in the way: what was found, what was expected, and the package that brings it, or what to do."""

    found: str
    expected: str
    package: str = ""
    do: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that will be made: what it needs, in which folder, and how much of its disk."""

    needs: tuple[str, ...]
    folder: Path
    mb: int


def provide(way: Way, place: Place, steps: Steps, *, yes: bool) -> None:
    """Make this machine have all that `way` needs. Raises one Problem that names everything, if that cannot be.

    yes: install without a question.
    """
    lacks = look(way, place, steps)
    if not lacks:
        return
    if not all(lack.package for lack in lacks):
        raise problem(way, lacks)
    packages = sorted({lack.package for lack in lacks})
    try:
        sudo = permission(packages, yes=yes)
    except NotAllowed as refusal:
        raise problem(way, lacks, f"not installed: {refusal}", sudo=refusal.sudo) from None
    steps.total += 2
    apt.install(packages, sudo, steps)
    if left := look(way, place, steps):
        raise problem(way, left, f"although apt-get has installed {' '.join(packages)}")


def look(way: Way, place: Place, steps: Steps) -> list[Lack]:
    """What stands in the way of `way`, as a step."""
    with steps.step(f"what {way.command} needs of this machine") as step:
        lacks = judge(gather(way, place, step), way)
        step.already(f"{len(lacks)} missing" if lacks else "all there")
        without = _labs_without_compiler(place.clone)
        if without and not lacks:
            step.tell(f"without a C compiler {without} cannot be checked: {install_line([package('gcc')])}")
    return lacks


def _labs_without_compiler(clone: Path) -> str:
    """The labs that compile C, if nothing here can compile it; otherwise ""."""
    if any(map(shutil.which, ("cc", "gcc"))):
        return ""
    folders = {source.relative_to(clone / "labs").parts[0] for source in (clone / "labs").rglob("*.c")}
    return ", ".join(folder.partition("_")[0] for folder in sorted(folders))


def gather(way: Way, place: Place, step: Step) -> Found:
    """Look at this machine."""
    parts = to_make(way, place, step)
    things = dict.fromkeys([*(thing for part in parts for thing in part.needs), *way.things])
    return Found(
        missing=tuple(missing(tuple(things))),
        venv_package=_venv_package(),
        rooms=tuple(_room(part) for part in parts),
        memory_free_mb=machine.memory_free_mb(),
    )


def to_make(way: Way, place: Place, step: Step) -> list[Part]:
    """What is not there yet of .venv, and of the lab environment if `way` is in it."""
    parts = []
    if not venv.is_ready(place, way.lock):
        parts.append(Part(() if venv.is_there(place) else (VENV,), place.clone, VENV_MB[way.lock]))
    return [*parts, *(lab_to_make(step) if way.in_lab else [])]


def lab_to_make(step: Step) -> list[Part]:
    """What is not there yet of interpreter, wheels and lab environment."""
    parts = []
    row = os.environ.get("LAB_PYTHON") or None
    found = interpreter.without_building(step, row)
    if found is None:
        needs = (*COMPILER, *toolchain.HEADERS, CERTIFICATES)
        parts.append(Part(needs, cache_root(), cpython.NEEDS_MB))
    if not (found and lab.is_kept(found)):
        parts.append(Part((), cache_root(), lab.NEEDS_MB))
        version = found.version if found else versions().rows(row)[0].version
        if wheelhouse.lacks_wheels(version) and not kept(wheelhouse.wheelhouse_name(), cache_root()):
            parts.append(Part(COMPILER, cache_root(), wheelhouse.NEEDS_MB))
    return parts


def missing(things: Sequence[str]) -> list[str]:
    """Those of `things` that are not on this machine."""
    headers = [thing for thing in things if thing in toolchain.HEADERS]
    absent = set(toolchain.missing(headers)) if {*COMPILER, *headers} & {*things} else set()
    found = [thing for thing in things if thing in absent or not (thing in headers or _is_here(thing))]
    return [*found, *({toolchain.LIBC} & absent)]


def _is_here(thing: str) -> bool:
    if thing == VENV:
        return importlib.util.find_spec("ensurepip") is not None
    if thing == CERTIFICATES:
        paths = ssl.get_default_verify_paths()
        return bool(paths.cafile) or bool(paths.capath and any(Path(paths.capath).iterdir()))
    if thing in ENGINE and (os.geteuid() != 0 or isinstance(engine.look(), engine.Engine)):
        return True  # nobody will start an engine
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *ADMINS])
    return any(shutil.which(name, path=path) for name in (BROWSERS if thing == "chromium" else (thing,)))


def _venv_package() -> str:
    """The package that completes the Python that makes .venv; "" if it is not from a package."""
    base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    return venv_package(sys.version_info[:2]) if base.parent == Path("/usr/bin") else ""


def _room(part: Part) -> Room:
    free_mb = shutil.disk_usage(part.folder).free // 2**20
    return Room(part.folder, part.mb, free_mb, part.folder.stat().st_dev)


def judge(found: Found, way: Way) -> list[Lack]:
    """What of it stands in the way."""
    lacks = [_of_thing(thing, found.venv_package) for thing in found.missing]
    lacks += [_of_disk(rooms) for rooms in _by_disk(found.rooms) if _needed_mb(rooms) > rooms[0].free_mb]
    if found.memory_free_mb < way.memory_mb:
        short = machine.too_little_memory(found.memory_free_mb, way.memory_mb)
        lacks.append(Lack(short.found, short.expected, do=short.do))
    return lacks


def _of_thing(thing: str, completes_python: str) -> Lack:
    if thing != VENV:
        return Lack(thing, "", package(thing))
    name = "Python's venv (its module ensurepip)"
    if completes_python:
        return Lack(name, "", completes_python)
    own = package(VENV)
    return Lack(
        f"{sys.executable} comes without {name}", "a Python with its whole standard library",
        do=f"install {own}, and run this by the system's own Python: /usr/bin/python3 ./workshop up",
    )  # fmt: skip


def _by_disk(rooms: Iterable[Room]) -> list[list[Room]]:
    disks: dict[int, list[Room]] = {}
    for room in rooms:
        disks.setdefault(room.disk, []).append(room)
    return list(disks.values())


def _needed_mb(rooms: Sequence[Room]) -> int:
    """What is made in one folder is made one after the other, and shrinks to a part of its size."""
    folders = {room.folder for room in rooms}
    return sum(max(room.needed_mb for room in rooms if room.folder == folder) for folder in folders)


def _of_disk(rooms: Sequence[Room]) -> Lack:
    folders = " and ".join(dict.fromkeys(str(room.folder) for room in rooms))
    return Lack(
        f"too little disk: {rooms[0].free_mb} MB are free where {folders} are",
        f"{_needed_mb(rooms)} MB there",
        do="free some space there, or set XDG_CACHE_HOME to a folder on a larger disk",
    )


def problem(way: Way, lacks: Sequence[Lack], note: str = "", *, sudo: bool = True) -> Problem:
    """One message about everything, with one line to install what packages bring.

    note: why it was not installed. sudo: whether that may help.
    """
    things = ", ".join(lack.found for lack in lacks if lack.package)
    others = [lack for lack in lacks if not lack.package]
    found = [f"not on this machine: {things}"] if things else []
    install = install_line(sorted({lack.package for lack in lacks if lack.package}), sudo=sudo) if things else ""
    expected = [f"all that {way.command} needs, before it begins"] if things else []
    return Problem(
        "\n".join([*found, *(lack.found for lack in others), *([note] if note else [])]),
        expected="\n".join([*expected, *(lack.expected for lack in others)]),
        do="\n".join(filter(None, [install, *(lack.do for lack in others), "then the same command again"])),
    )
