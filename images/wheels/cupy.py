"""`python -m images.wheels.cupy --python PYTHON --into DIR`: CuPy's wheel for 3.13t, compiled beside a CUDA toolkit.

The package index has none. CUDA_PATH names the toolkit; it is needed here only: at run time CuPy finds the CUDA
libraries of the lab environment. uv is the one on PATH. What was compiled once is kept in the cache.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from foundation import cores
from foundation.problem import ExitCode, Problem, exit_code_of
from foundation.steps import Step, Steps
from images import locks
from images.cache import cache_root, content_key, keep
from images.wheels.wheelhouse import Pip, make_tools

LAB_LOCK = "lab-3.13t-gpu"
TOOLS_LOCK = "wheels-3.13t-gpu"
NEEDS_MB = 3000
# Code for every architecture takes 25 minutes to compile. PTX for the oldest is finished by the driver, once for each
# GPU model; compute_75 (2018) is the oldest that CUDA 12.8 does not call outdated.
CODE_FOR = "arch=compute_75,code=compute_75"
SETTINGS = {
    "CUPY_NVCC_GENERATE_CODE": CODE_FOR,
    "CUPY_INSTALL_NO_RPATH": "1",
    "CUPY_NUM_NVCC_THREADS": "1",
    "CFLAGS": "-g0",  # Python's own flags ask for debug symbols
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m images.wheels.cupy", description="Compile CuPy for 3.13t.")
    parser.add_argument("--python", type=Path, required=True, help="a free-threaded Python")
    parser.add_argument("--into", type=Path, required=True, help="the folder to put the wheel into")
    chosen = parser.parse_args(arguments)
    return exit_code_of(lambda: put_wheel(chosen.python, chosen.into))


def put_wheel(python: Path, into: Path) -> int:
    """Put the wheel into the folder `into`, compiled now if the cache lacks it."""
    uv = shutil.which("uv")
    if uv is None or "CUDA_PATH" not in os.environ:
        raise Problem("uv is not on PATH, or CUDA_PATH is not set", expected="both")
    os.environ.update(SETTINGS, CUPY_NUM_BUILD_JOBS=str(cores.usable()))
    with Steps(1, cache_root() / "cupy.log").step("CuPy") as step:
        kept = keep(
            wheel_name(toolkit_version()),
            lambda work, _: compile_wheel(python, Path(uv), work, step),
            root=cache_root(),
            needs_mb=NEEDS_MB,
            say=step.say,
        )
        into.mkdir(parents=True, exist_ok=True)
        for wheel in kept.glob("*.whl"):
            shutil.copy(wheel, into)
    return ExitCode.PASS


def compile_wheel(python: Path, uv: Path, work: Path, step: Step) -> Path:
    """A folder in `work` with the wheel."""
    finished = work / "wheelhouse"
    finished.mkdir()
    tools = make_tools(python, uv, work, step, TOOLS_LOCK)
    Pip(tools, work, step, LAB_LOCK).compile("cupy", finished)
    return finished


def wheel_name(toolkit: str) -> str:
    """The wheel's folder in the cache: it changes with the recipe, the locks, the toolkit and the platform."""
    locked = locks.only(locks.lock_file(LAB_LOCK).read_text(encoding="utf-8"), ["cupy"])
    sources = [Path(__file__), locks.lock_file(TOOLS_LOCK)]
    return f"cupy-3.13t-{content_key({'locked': locked, 'toolkit': toolkit}, sources)}"


def toolkit_version() -> str:
    """What nvcc says of itself."""
    nvcc = Path(os.environ["CUDA_PATH"]) / "bin" / "nvcc"
    return subprocess.run([nvcc, "--version"], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
