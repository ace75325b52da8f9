"""`python -m provisioning.rehearsal URL --picture FILE`: a rehearsal at URL; the secrets come as JSON on stdin."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from foundation.problem import INTERRUPTED, ExitCode, Problem
from provisioning.rehearsal.crowd import rehearse
from provisioning.rehearsal.model import Rehearsal
from provisioning.rehearsal.organiser import Access
from provisioning.rehearsal.picture import picture
from provisioning.rehearsal.table import Ticker, table


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 if everybody came through."""
    parser = argparse.ArgumentParser(
        prog="python -m provisioning.rehearsal", description="Simulated attendees, all at once."
    )
    parser.add_argument("url", help="where browsers find the workshop")
    parser.add_argument("--picture", type=Path, required=True, help="the SVG to write")
    parser.add_argument("--json", action="store_true", help="the result for a program")
    parser.add_argument("--anyway", action="store_true", help="while a class is at work, too")
    chosen = parser.parse_args(arguments)
    try:
        access = read_access(chosen.url, sys.stdin.read())
        ticker = Ticker()
        try:
            found = asyncio.run(_until_asked_to_end(access, ticker, anyway=chosen.anyway))
        finally:
            ticker.end()
    except Problem as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    except asyncio.CancelledError:
        print("interrupted: the attendees, their sessions and homes are removed", file=sys.stderr)
        return INTERRUPTED
    return tell(found, chosen.picture, as_json=chosen.json)


def tell(found: Rehearsal, drawn: Path, *, as_json: bool) -> ExitCode:
    """Print the result and draw it."""
    drawn.write_text(picture(found), encoding="utf-8")
    print(json.dumps(found.as_json(), indent=1) if as_json else f"{table(found)}\n  picture: {drawn}")
    return ExitCode.PASS if found.is_good else ExitCode.FAIL


def read_access(url: str, said: str) -> Access:
    """What `python -m hub.seats --rehearse N` printed. Raises Problem if it is something else."""
    try:
        known = json.loads(said)
        return Access(url, known["instructor"], {str(name): str(code) for name, code in known["seats"].items()})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Problem(
            f"the secrets cannot be read: {type(error).__name__} {error}",
            expected='{"instructor": "...", "seats": {"rehearsal-001": "...", ...}}',
            do="docker compose exec -T hub python -m hub.seats --rehearse 20, on the workshop's host",
            exit_code=ExitCode.USAGE,
        ) from error


async def _until_asked_to_end(access: Access, ticker: Ticker, *, anyway: bool) -> Rehearsal:
    """Ctrl-C, a closed terminal and `kill` all end it cleanly, however often they come."""
    work = asyncio.create_task(rehearse(access, ticker, anyway=anyway))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, work.cancel)
    return await work


if __name__ == "__main__":
    sys.exit(main())
