"""The lab environment: a virtual environment of free-threaded Python with exactly what the lock says.

It is kept in the cache and shared by clones, so nothing of a clone is in it: use it with PYTHONPATH=<clone>.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from foundation.problem import Problem
from foundation.steps import Step, Steps
from images import locks
from images.cache import cache_root, content_key, discard, keep, kept
from images.interpreter import Interpreter
from images.pruning import prune
from images.wheels.wheelhouse import Wheelhouse, lacks_wheels, obtain_wheels, wheelhouse_name

NEEDS_MB = 1500


@dataclass(frozen=True, slots=True)
class LabEnvironment:
    """Where the lab environment's Python is, and the lock that says what is in it."""

    python: Path
    lock: Path


def ensure(interpreter: Interpreter, uv: Path, steps: Steps) -> LabEnvironment:
    """The lab environment of `interpreter`: as it was kept, or installed now, every file's hash verified."""
    lock = lock_of(interpreter)
    name = environment_name(interpreter, lock)
    with steps.step("lab environment") as step:
        folder = kept(name, cache_root())
        if folder and not (folder / "bin" / "python").exists():  # its interpreter is gone and came back elsewhere
            discard(name, cache_root())
            folder = None
        if folder:
            step.already()
        else:
            folder = install(interpreter, lock, uv, name, step)
            prune(cache_root(), step.tell)
    return LabEnvironment(folder / "bin" / "python", folder / "lock.txt")


def is_kept(interpreter: Interpreter) -> bool:
    """Whether `ensure` would find the environment of `interpreter` in the cache."""
    folder = kept(environment_name(interpreter, lock_of(interpreter)), cache_root())
    return bool(folder and (folder / "bin" / "python").exists())


def lock_of(interpreter: Interpreter, variant: str = "") -> Path:
    """The lock for the interpreter's release series. Raises Problem if there is none."""
    series = interpreter.version.rpartition(".")[0]
    lock = locks.lock_file(f"lab-{series}t{variant}")
    if not lock.exists():
        raise Problem(
            f"there is no lab lock for Python {series}t",
            expected="one of " + ", ".join(sorted(file.stem for file in locks.FOLDER.glob("lab-*.txt"))),
            do="use one of these Pythons, on the CPU where there is no -gpu",
        )
    return lock


def environment_name(interpreter: Interpreter, lock: Path) -> str:
    """The environment's name in the cache: it changes with the interpreter, the lock, the wheels and this recipe."""
    wheels = wheelhouse_name() if lacks_wheels(interpreter.version) else ""
    ingredients = {"python": str(interpreter.python), "version": interpreter.version, "wheels": wheels}
    return f"{lock.stem}-{content_key(ingredients, [Path(__file__), lock])}"


def install_under(
    prefix: Path, interpreter: Interpreter, uv: Path, step: Step, *, variant: str = "", wheels: Path | None = None
) -> LabEnvironment:
    """A lab environment at `prefix`, which must not exist yet, in place of one in the cache.

    variant: "-gpu" for that lock. wheels: a folder of wheels that are taken in place of what the lock names.
    """
    if prefix.exists():
        raise Problem(f"{prefix} exists already", expected="a folder to be made", do="name another, or remove it")
    lock = lock_of(interpreter, variant)
    further = Wheelhouse(wheels) if wheels else None
    folder = install(interpreter, lock, uv, prefix.name, step, root=prefix.parent, further=further)
    return LabEnvironment(folder / "bin" / "python", folder / "lock.txt")


def install(
    interpreter: Interpreter,
    lock: Path,
    uv: Path,
    name: str,
    step: Step,
    *,
    root: Path | None = None,
    further: Wheelhouse | None = None,
) -> Path:
    """Make the environment `name` in the folder `root`, by default in the cache."""
    made = [obtain_wheels(interpreter.python, uv, step)] if lacks_wheels(interpreter.version) else []
    houses = [*made, *([further] if further else [])]
    pins = {package: line for house in houses for package, line in house.pins().items()}
    links = [word for house in houses for word in ("--find-links", house.folder)]

    def fill(work: Path, _: Path) -> Path:
        environment = work / "environment"
        wanted = work / "wanted.txt"
        wanted.write_text(with_local_wheels(lock.read_text(encoding="utf-8"), pins), encoding="utf-8")
        step.say("installing")
        # Relocatable: its scripts find the environment where it will be, not where it is being made.
        step.run([uv, "venv", "--quiet", "--no-project", "--relocatable", "--python", interpreter.python, environment])
        options = ("--require-hashes", "--only-binary", ":all:", "--compile-bytecode", *links)
        step.run([uv, "pip", "sync", "--quiet", "--python", environment, *options, wanted])
        shutil.copyfile(lock, environment / "lock.txt")
        return environment

    return keep(name, fill, root=root or cache_root(), needs_mb=NEEDS_MB, say=step.say)


def with_local_wheels(lock: str, pins: dict[str, str]) -> str:
    """The lock's text with the lines of `pins` for the wheels made here: only those very files fit them."""
    return "".join(pins.get(name, entry) for name, entry in locks.entries(lock).items())
