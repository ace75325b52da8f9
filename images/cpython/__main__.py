"""`python -m images.cpython --prefix DIR [--pgo] [--row NAME]`: build free-threaded CPython into a folder."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from checks.problem import ExitCode, Problem
from images.cache import cache_root
from images.cpython.recipe import build_under
from images.steps import Steps
from images.versions import versions

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m images.cpython", description="Build free-threaded CPython.")
    parser.add_argument("--prefix", type=Path, required=True, help="the folder to make; nothing of it may exist yet")
    parser.add_argument("--pgo", action="store_true", help="profile-guided and link-time optimisation: slower to build")
    parser.add_argument("--row", help=f"one of {', '.join(row.name for row in versions().cpython)}")
    chosen = parser.parse_args(arguments)
    try:
        rows = versions().rows(chosen.row)
        with Steps(1, cache_root() / "cpython.log").step(f"CPython into {chosen.prefix}") as step:
            built = build_under(chosen.prefix.absolute(), rows, step, pgo=chosen.pgo)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    print(built.python)
    return ExitCode.PASS


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever cancels an image's build asks by SIGTERM
    sys.exit(main())
