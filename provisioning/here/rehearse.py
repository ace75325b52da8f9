"""`./workshop rehearse N`: a class of simulated attendees against the workshop that runs, here or at a URL."""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from foundation.problem import ExitCode, Problem
from foundation.steps import Steps
from provisioning import rehearsal
from provisioning.here import venv
from provisioning.here.compose import Project, running_project
from provisioning.here.place import Place, clean_environment

MOST = 500
PICTURE = "rehearsal.svg"
SEATS = ("exec", "-T", "hub", "python", "-m", "hub.seats", "--rehearse")


def rehearse(arguments: Sequence[str]) -> int:
    """The exit code: 0 if everybody came through. Raises Problem if there is no workshop for a class."""
    options = _options(arguments)
    place = Place.from_environment()
    if options.url:
        access = _read(options.access, options.count)
        return _run(place, options, options.url, access)
    project = running_project()
    access = _seats(project, options.count, anyway=options.anyway)
    try:
        return _run(place, options, f"http://{project.port}", access)
    finally:
        project.said(*SEATS, "0")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="workshop rehearse",
        description="A load test: simulated attendees log in, start, run a cell, have an answer judged and stop, "
        "all at once. Afterwards nothing of them is left.",
    )
    parser.add_argument("count", type=_count, metavar="N", help=f"how many, 1 to {MOST}")
    parser.add_argument("--json", action="store_true", help="the result for a program")
    parser.add_argument("--picture", type=Path, help=f"the SVG to write (default: {PICTURE} in the state folder)")
    parser.add_argument("--anyway", action="store_true", help="while a class is at work, too")
    parser.add_argument("--url", help="a workshop elsewhere; needs --access")
    parser.add_argument(
        "--access", type=Path, help="what `python -m hub.seats --rehearse N` printed in that workshop's hub"
    )
    chosen = parser.parse_args(arguments)
    if bool(chosen.url) != bool(chosen.access):
        parser.error("--url and --access belong together")
    return chosen


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of attendees: 1 to {MOST}")
    return int(text)


def _seats(project: Project, count: int, *, anyway: bool) -> dict[str, Any]:
    """The instructor's secret, and a code for each of `count` simulated attendees."""
    command = project.command(*SEATS, str(count), *(["--anyway"] if anyway else []))
    done = subprocess.run(command, env=project.environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Problem(
            f"the hub makes no seats for a rehearsal; it says:\n{done.stderr.strip()}", do="./workshop status"
        )
    return dict(json.loads(done.stdout))


def _read(file: Path, count: int) -> dict[str, Any]:
    """The secrets in `file`, for `count` attendees."""
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        seats = dict(list(known["seats"].items())[:count])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Problem(
            f"{file} cannot be read: {error}",
            expected="what `python -m hub.seats --rehearse N` printed",
            do=f"on the host: docker compose exec -T hub python -m hub.seats --rehearse {count}",
            exit_code=ExitCode.USAGE,
        ) from error
    if len(seats) < count:
        raise Problem(
            f"{file} has {len(seats)} seats",
            expected=f"{count}",
            do=f"on the host: docker compose exec -T hub python -m hub.seats --rehearse {count}",
            exit_code=ExitCode.USAGE,
        )
    return {**known, "seats": seats}


def _run(place: Place, options: argparse.Namespace, url: str, access: dict[str, Any]) -> int:
    """`python -m provisioning.rehearsal` in .venv, to its end; the secrets go by its stdin."""
    place.make()
    if not venv.is_ready(place):
        venv.ensure(place, "hub", Steps(total=1, log=place.setup_log))
    flags = [f"--{name}" for name in ("json", "anyway") if getattr(options, name)]
    drawn = (options.picture or place.state / PICTURE).absolute()
    command = [str(place.venv_python), "-m", rehearsal.__name__, url, "--picture", str(drawn), *flags]
    with subprocess.Popen(command, cwd=place.clone, env=clean_environment(), stdin=subprocess.PIPE, text=True) as work:
        assert work.stdin is not None
        with suppress(BrokenPipeError):  # it has ended already, and said why
            work.stdin.write(json.dumps(access))
            work.stdin.close()
        return _wait(work)


def _wait(work: subprocess.Popen[str]) -> int:
    """Its exit code. Ctrl-C and `kill` are passed on: it clears its attendees away before it ends."""
    while True:
        try:
            return work.wait()
        except KeyboardInterrupt:
            work.terminate()
