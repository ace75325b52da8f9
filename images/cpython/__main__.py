"""`python -m images.cpython --prefix DIR [--pgo] [--row NAME]`: build free-threaded CPython into a folder.

With `--fetch DIR` in place of `--prefix` its source only: images compile that in a layer of its own, see build.py.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from foundation.problem import ExitCode, exit_code_of
from foundation.steps import Steps
from images.cache import cache_root
from images.cpython.recipe import build_under, fetch
from images.versions import versions


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    chosen = options(arguments)
    return exit_code_of(lambda: carry_out(chosen))


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What was typed."""
    parser = argparse.ArgumentParser(prog="python -m images.cpython", description="Build free-threaded CPython.")
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--prefix", type=Path, help="the folder to make; nothing of it may exist yet")
    place.add_argument("--fetch", type=Path, help="put the source into this folder, and build nothing")
    parser.add_argument("--pgo", action="store_true", help="profile-guided and link-time optimisation: slower to build")
    parser.add_argument("--row", help=f"one of {', '.join(row.name for row in versions().cpython)}")
    return parser.parse_args(arguments)


def carry_out(chosen: argparse.Namespace) -> int:
    """Print where the interpreter, or the source, is. Raises Problem if it cannot be had."""
    rows = versions().rows(chosen.row)
    steps = Steps(1, cache_root() / "cpython.log")
    if chosen.fetch:
        with steps.step(f"CPython's source in {chosen.fetch}") as step:
            chosen.fetch.mkdir(parents=True, exist_ok=True)
            print(shutil.copy(fetch(rows, step).file, chosen.fetch))
    else:
        with steps.step(f"CPython into {chosen.prefix}") as step:
            built = build_under(chosen.prefix.absolute(), rows, step, pgo=chosen.pgo)
        print(built.python)
    return ExitCode.PASS


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever cancels an image's build asks by SIGTERM
    sys.exit(main())
