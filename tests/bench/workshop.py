"""Starting the workshop, its memory, and its self-check."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from foundation.processes import Process
from labs import answer_regions, catalogue
from provisioning.here.place import Place
from tests.bench.figures import Figure, stopwatch
from tests.conftest import ROOT
from tests.driven_workshop import DrivenWorkshop, browser, driven_workshop

MB = 1e6


def start() -> Iterator[Figure]:
    """From a clone to the first PASS with nothing in any cache but CPython; then a second start."""
    python = Place.from_environment().lab_python()
    assert python is not None
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        clone = folder / "clone"
        subprocess.run(["git", "clone", "-q", ROOT, clone], check=True)
        nothing = {"XDG_CACHE_HOME": str(folder / "cache"), "UV_CACHE_DIR": str(folder / "uv"), "PIP_NO_CACHE_DIR": "1"}
        interpreter = str(python.resolve())
        with driven_workshop(folder / "state", clone, WORKSHOP_PYTHON=interpreter, **nothing) as workshop:
            with stopwatch() as whole:
                with stopwatch() as up:
                    workshop.up()
                first_pass(workshop)
            yield Figure("clone to a page that answers, but for the CPython build", up.seconds, "s")
            yield Figure("clone to the first PASS, but for the CPython build", whole.seconds, "s", at_most=180)
            workshop.run("down")
            with stopwatch() as again:
                workshop.up()
            yield Figure("second start to a page that answers", again.seconds, "s", at_most=10)


def first_pass(workshop: DrivenWorkshop) -> None:
    """Put lab 03's solution into the attendee's file and have it judged."""
    lab = catalogue.find("03")
    workshop.exercise(lab).write_text(answer_regions.without_markers(lab.solution.read_text()))
    verdict = workshop.run("lab", "check", "03")
    assert "proved on: cpu" in verdict.stdout, verdict.stdout + verdict.stderr
    assert "✘" not in verdict.stdout, verdict.stdout


def memory() -> Iterator[Figure]:
    """Resident memory with one attendee in, one notebook open and one kernel started."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        driven_workshop(Path(scratch)) as workshop,
        browser() as opened,
    ):
        page = opened.new_page()
        page.set_default_timeout(60_000)
        page.goto(workshop.up())
        page.get_by_role("link", name="03 Mandelbrot by threads").click()
        page.get_by_text("GIL off | Idle").wait_for()
        hub, session = divided(workshop.processes)
        yield Figure("hub and proxy", sum(each.memory_bytes for each in hub) / MB, "MB", at_most=300)
        yield Figure("a session with one kernel", sum(each.memory_bytes for each in session) / MB, "MB", at_most=350)


def divided(processes: list[Process]) -> tuple[list[Process], list[Process]]:
    """Those of the hub and its proxy; those of the attendee's session."""
    session = [each for each in processes if "images.lab.server" in each.command or "ipykernel" in each.command]
    return [each for each in processes if each not in session], session


def self_check() -> Iterator[Figure]:
    """`workshop check`, all of it."""
    with stopwatch() as watch:
        subprocess.run([ROOT / "workshop", "check"], capture_output=True, check=False)
    yield Figure("environment self-check", watch.seconds, "s", at_most=10)
