"""`python -m images.lab --prefix DIR --python PYTHON`: the lab environment in a folder of its own, as an image has it.

uv is the one on PATH.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from foundation.problem import ExitCode, Problem, exit_code_of
from foundation.steps import Steps
from images.cache import cache_root
from images.cpython.selftest import self_test
from images.interpreter import Interpreter
from images.lab.environment import install_under
from images.versions import versions


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    chosen = options(arguments)
    return exit_code_of(lambda: carry_out(chosen))


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What was typed."""
    parser = argparse.ArgumentParser(prog="python -m images.lab", description="Install the lab environment.")
    parser.add_argument("--prefix", type=Path, required=True, help="the folder to make; nothing of it may exist yet")
    parser.add_argument("--python", type=Path, required=True, help="a free-threaded Python")
    parser.add_argument("--row", help="the row of versions.toml that it was built from, or its series: 3.14t")
    parser.add_argument("--gpu", action="store_true", help="with torch, CuPy and CUDA's libraries")
    parser.add_argument("--wheels", type=Path, help="wheels to take in place of what the lock names")
    return parser.parse_args(arguments)


def carry_out(chosen: argparse.Namespace) -> int:
    """Install it and print where its Python is. Raises Problem where that cannot be."""
    with Steps(1, cache_root() / "lab.log").step(f"lab environment in {chosen.prefix}") as step:
        uv = shutil.which("uv")
        tested = self_test(chosen.python, versions().rows(chosen.row)[0].series)
        if uv is None or not tested.trusted:
            raise Problem("; ".join(tested.reasons) or "uv is not on PATH", expected="uv and a free-threaded Python")
        interpreter = Interpreter(chosen.python, tested.version, "named")
        variant = "-gpu" if chosen.gpu else ""
        environment = install_under(
            chosen.prefix.absolute(), interpreter, Path(uv), step, variant=variant, wheels=chosen.wheels
        )
    print(environment.python)
    return ExitCode.PASS


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever cancels an image's build asks by SIGTERM
    sys.exit(main())
