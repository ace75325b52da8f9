"""`python -m images.wheels.cupy --python PYTHON --into DIR`: CuPy's wheel for 3.13t, compiled beside a CUDA toolkit.

The package index has none. CUDA_PATH names the toolkit; it is needed here only: at run time CuPy finds the CUDA
libraries of the lab environment. uv is the one on PATH.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from checks.problem import ExitCode, Problem
from images.cache import cache_root
from images.steps import Steps
from images.wheels.wheelhouse import Pip, make_tools

LAB_LOCK = "lab-3.13t-gpu"
TOOLS_LOCK = "wheels-3.13t-gpu"
# Code for every architecture takes 25 minutes to compile. PTX for the oldest is finished by the driver, once for each
# GPU model; compute_75 (2018) is the oldest that CUDA 12.8 does not call outdated.
CODE_FOR = "arch=compute_75,code=compute_75"


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m images.wheels.cupy", description="Compile CuPy for 3.13t.")
    parser.add_argument("--python", type=Path, required=True, help="a free-threaded Python")
    parser.add_argument("--into", type=Path, required=True, help="the folder to put the wheel into")
    chosen = parser.parse_args(arguments)
    chosen.into.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        CUPY_NVCC_GENERATE_CODE=CODE_FOR,
        CUPY_INSTALL_NO_RPATH="1",
        CUPY_NUM_BUILD_JOBS=str(len(os.sched_getaffinity(0))),
        CUPY_NUM_NVCC_THREADS="1",
    )
    try:
        with Steps(1, cache_root() / "cupy.log").step("CuPy") as step, tempfile.TemporaryDirectory() as folder:
            uv = shutil.which("uv")
            if uv is None or "CUDA_PATH" not in os.environ:
                raise Problem("uv is not on PATH, or CUDA_PATH is not set", expected="both")
            work = Path(folder)
            tools = make_tools(chosen.python, Path(uv), work, step, TOOLS_LOCK)
            Pip(tools, work, step, LAB_LOCK).compile("cupy", chosen.into)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    return ExitCode.PASS


if __name__ == "__main__":
    sys.exit(main())
