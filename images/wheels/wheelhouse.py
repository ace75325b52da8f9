"""The wheels that the package index lacks for 3.13t, made here and kept: compiled from sdists, or re-tagged.

All that is downloaded has a hash in the locks, what compiles it too.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from foundation.steps import Step
from images import locks
from images.cache import cache_root, content_key, keep, kept
from images.cpython.toolchain import require_toolchain
from images.download import sha256_of
from images.versions import versions
from images.wheels import retag as retagging
from images.wheels.retag import retag

NEEDS_MB = 1200
LAB_LOCK = "lab-3.13t"
TOOLS_LOCK = "wheels-3.13t"


@dataclass(frozen=True, slots=True)
class Wheelhouse:
    """A folder of finished wheels."""

    folder: Path

    def pins(self) -> dict[str, str]:
        """Each wheel's package by its lock name: the lock's line for the wheel itself, with its hash."""
        return {lock_name(wheel): pin(wheel) for wheel in sorted(self.folder.glob("*.whl"))}


def lock_name(wheel: Path) -> str:
    """The name by which a lock knows a wheel's package."""
    return wheel.name.split("-")[0].replace("_", "-").lower()


def pin(wheel: Path) -> str:
    """The lock's line for `wheel` and nothing else."""
    version = wheel.name.split("-")[1]
    return f"{lock_name(wheel)}=={version} \\\n    --hash=sha256:{sha256_of(wheel)}\n"


def lacks_wheels(version: str) -> bool:
    """Whether the package index lacks wheels for free-threaded Python `version`."""
    return version.startswith(f"{versions().lacking}.")


def wheelhouse_name() -> str:
    """The wheelhouse's name in the cache: it changes with the recipe, the locked versions and the platform."""
    lab = locks.lock_file(LAB_LOCK).read_text(encoding="utf-8")
    made = (*versions().compiled, *versions().retagged)
    sources = [Path(__file__), Path(retagging.__file__), locks.lock_file(TOOLS_LOCK)]
    return f"wheels-3.13t-{content_key({'locked': locks.only(lab, made)}, sources)}"


def obtain_wheels(python: Path, uv: Path, step: Step) -> Wheelhouse:
    """The wheelhouse: as it was kept, or made now with `python` (a 3.13t) and `uv`."""
    name = wheelhouse_name()
    if folder := kept(name, cache_root()):
        return Wheelhouse(folder)
    require_toolchain("Numba")

    def fill(work: Path, _: Path) -> Path:
        return make_wheels(python, uv, work, step)

    return Wheelhouse(keep(name, fill, root=cache_root(), needs_mb=NEEDS_MB, say=step.say))


def make_wheels(python: Path, uv: Path, work: Path, step: Step) -> Path:
    """A folder in `work` with all the wheels."""
    finished = work / "wheelhouse"
    finished.mkdir()
    pip = Pip(make_tools(python, uv, work, step), work, step)
    for name in versions().compiled:
        pip.compile(name, finished)
    for name, abi in versions().retagged.items():
        retag(pip.download(name, abi), finished)
    return finished


@dataclass(frozen=True, slots=True)
class Pip:
    """pip of the environment `tools`, held to the hashes of a lab's lock; it leaves what it downloads in `work`."""

    tools: Path
    work: Path
    step: Step
    lock: str = LAB_LOCK

    def compile(self, name: str, folder: Path) -> None:
        """Make the wheel of the package `name` from its sdist, in `folder`."""
        self._run("wheel", name, "--no-binary", name, "--no-build-isolation", "--no-cache-dir", "--wheel-dir", folder)

    def download(self, name: str, abi: str) -> Path:
        """The wheel of the package `name` for another `abi` and this platform."""
        target = ("--implementation", "cp", "--python-version", python_version_of(abi), "--abi", abi)
        self._run("download", name, "--only-binary", ":all:", *target, "--dest", self.work)
        (wheel,) = self.work.glob(f"{name}-*.whl")
        return wheel

    def _run(self, verb: str, name: str, *options: str | Path) -> None:
        """Run `pip verb` for the package `name` as it is locked."""
        entry = locks.entries(locks.lock_file(self.lock).read_text(encoding="utf-8"))[name]
        wanted = self.work / f"{name}.txt"
        wanted.write_text(entry, encoding="utf-8")
        self.step.say(f"{name} {locks.version_of(entry)}: pip {verb}")
        pip = (self.tools / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--no-input")
        command = [*pip, verb, "--no-deps", "--require-hashes", *options, "-r", wanted]
        self.step.run(command, cwd=self.work, env=tools_environment(self.tools))


def python_version_of(abi: str) -> str:
    """The Python version of an ABI tag: "cp314t" is of 3.14."""
    digits = abi.removeprefix("cp").removesuffix("t")
    return f"{digits[0]}.{digits[1:]}"


def make_tools(python: Path, uv: Path, work: Path, step: Step, lock: str = TOOLS_LOCK) -> Path:
    """An environment in `work` with what compiles wheels: pip, setuptools, the lab's numpy, all that `lock` names."""
    tools = work / "tools"
    step.say("environment of the build tools")
    options = ("--require-hashes", "--only-binary", ":all:")
    step.run([uv, "venv", "--quiet", "--no-project", "--python", python, tools])
    step.run([uv, "pip", "sync", "--quiet", "--python", tools, *options, locks.lock_file(lock)])
    return tools


def tools_environment(tools: Path) -> dict[str, str]:
    """The environment in which wheels are compiled: the tools first on PATH, nothing that steers Python."""
    kept_variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept_variables, "PATH": os.pathsep.join([str(tools / "bin"), os.environ.get("PATH", os.defpath)])}
