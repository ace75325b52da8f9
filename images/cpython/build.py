"""`python3 images/cpython/build.py --source FILE --prefix DIR [--pgo]`: compile free-threaded CPython from its source.

The configure line is docker-library/python's (https://github.com/docker-library/python) with --disable-gil. It is
configured for its final place and installed under DESTDIR, so that what is renamed there at the end knows its own path.

Nothing of ours is imported: this file, the source and the options are all that decides what is compiled, and so all
that an image's layer, or a name in the cache, has to change with.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

NEEDS_MB = 1500  # source, objects and the installed tree; with PGO too
CONFIGURE = (
    "--disable-gil",
    "--enable-option-checking=fatal",
    "--enable-loadable-sqlite-extensions",
    "--without-static-libpython",
    "--with-ensurepip=no",  # environments are made by uv; the module `ensurepip` is there for `python -m venv`
)
PGO = ("--enable-optimizations", "--with-lto")
FRAME_POINTERS = "-fno-omit-frame-pointer -mno-omit-leaf-frame-pointer"  # profilers walk the stack by them
UNUSED = ("idlelib", "turtledemo")


class Runner(Protocol):
    """What shows the parts of a build and runs their commands; foundation.steps.Step is one."""

    def say(self, doing: str) -> None:
        """Show what is being done now."""

    def run(self, command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str]) -> None:
        """Run `command` to its end; raises if it fails."""


class Plain:
    """Prints all of it, as the log of an image's build has it."""

    def say(self, doing: str) -> None:
        """Print a line."""
        print(f"-- {doing}", flush=True)

    def run(self, command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str]) -> None:
        """Run `command`; raises CalledProcessError if it fails."""
        subprocess.run(command, cwd=cwd, env=env, check=True)


def build(source: Path, work: Path, prefix: Path, *, pgo: bool, step: Runner) -> Path:
    """Compile the release in the file `source`; the folder, inside `work`, to be renamed to `prefix`."""
    step.say("unpacking")
    tree = unpack(source, work)
    environment = build_environment()
    step.say("configuring")
    step.run(["./configure", f"--prefix={prefix}", *CONFIGURE, *(PGO if pgo else ())], cwd=tree, env=environment)
    jobs = len(os.sched_getaffinity(0))
    step.say(f"compiling{' with PGO and LTO' if pgo else ''}: make, {jobs} jobs")
    flags = [f"EXTRA_CFLAGS={frame_pointers()}", "LDFLAGS=-Wl,--strip-debug"]
    step.run(["make", f"-j{jobs}", *flags], cwd=tree, env=environment)
    step.say("installing")
    root = work / "root"
    step.run(["make", "install", f"DESTDIR={root}", "TEST_MODULES=no", *flags], cwd=tree, env=environment)
    installed = root / prefix.relative_to("/")
    (library,) = (installed / "lib").glob("python3.*t")
    keep_test_support(tree, library)
    remove_unused(installed, library)
    return installed


def unpack(tarball: Path, work: Path) -> Path:
    """Unpack `tarball` in `work`; its one top folder."""
    with tarfile.open(tarball) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extractall(work, filter="data")
        else:
            archive.extractall(work)  # Python 3.11.2 of Debian 12; the SHA-256 is known to be right
    (tree,) = work.glob("Python-*")
    return tree


def build_environment() -> dict[str, str]:
    """This process's environment without what would change the build or steer the Python that it makes."""
    steering = ("CFLAGS", "CPPFLAGS", "LDFLAGS", "MAKEFLAGS", "DESTDIR", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if name not in steering}
    kept = {name: value for name, value in kept.items() if not name.startswith("PYTHON")}
    return {**kept, "LC_ALL": "C.UTF-8"}


def frame_pointers() -> str:
    """The compiler flags that keep frame pointers, where this machine's compiler has them."""
    return FRAME_POINTERS if platform.machine() in {"x86_64", "aarch64"} else "-fno-omit-frame-pointer"


def keep_test_support(tree: Path, library: Path) -> None:
    """Of the tests, install `test.support` only: others test with it."""
    target = library / "test"
    target.mkdir(exist_ok=True)
    shutil.copy2(tree / "Lib/test/__init__.py", target)
    shutil.copytree(tree / "Lib/test/support", target / "support", dirs_exist_ok=True)


def remove_unused(installed: Path, library: Path) -> None:
    """Remove what no workshop needs: IDLE, the turtle's pictures, and the second and third copy of the bytecode."""
    for name in UNUSED:
        shutil.rmtree(library / name)
    for unused in (*(installed / "bin").glob("idle3*"), *library.rglob("*.opt-[12].pyc")):
        unused.unlink()


def main() -> None:
    """Build below the folder that will hold the prefix, then rename."""
    parser = argparse.ArgumentParser(description="Compile free-threaded CPython.")
    parser.add_argument("--source", type=Path, required=True, help="Python-<version>.tar.xz")
    parser.add_argument("--prefix", type=Path, required=True, help="the folder to make; nothing of it may exist yet")
    parser.add_argument("--pgo", action="store_true", help="profile-guided and link-time optimisation: slower to build")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.prefix.parent) as work:
        build(chosen.source, Path(work), chosen.prefix, pgo=chosen.pgo, step=Plain()).rename(chosen.prefix)


if __name__ == "__main__":
    main()
