"""What runs on the lab environment's Python. Prints JSON, a value a line."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from checks.exercise import load
from checks.oracles import schedules, speed
from foundation import cores
from labs import answer_regions, catalogue
from labs.author.candidates import candidates
from labs.author.verify import check_candidate

PROMISED = 0.9  # of the ceiling


def verdict_seconds(number: str) -> None:
    """[name, seconds] of the verdict on lab `number`'s solution and on its starter."""
    for candidate in candidates(catalogue.find(number)):
        if candidate.name in ("solution", "starter"):
            began = time.monotonic()
            check_candidate(catalogue.find(number), candidate)
            print(json.dumps([candidate.name, round(time.monotonic() - began, 2)]), flush=True)


def mandelbrot_gain() -> None:
    """[gain, ceiling, can_say]: medians over the rounds of lab 03's solution, and whether they mean anything."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "solution.py"
        path.write_text(answer_regions.without_markers(catalogue.find("03").solution.read_text()))
        lab = load(path, "solution")
    view = lab.View(width=240, height=160)
    measured = speed.measure(lambda: lab.render(view, cores.usable()), lambda: lab.render(view, 1), PROMISED)
    print(json.dumps([measured.gain, measured.ceiling, measured.can_say]))


def schedules_needed() -> None:
    """[name, schedules, seconds] for two bookings of one seat by each answer of lab 07 that is right."""
    lab = catalogue.find("07")
    rights = [each for each in candidates(lab) if not each.rejected_by]
    for candidate in rights:
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "answer.py"
            path.write_text(candidate.text)
            program, began = schedules.Program(path), time.monotonic()
            found = schedules.explore(partial(_two_bookings, program))
            print(json.dumps([candidate.name, found.schedules, round(time.monotonic() - began, 3)]), flush=True)


def _two_bookings(program: schedules.Program) -> schedules.Scene:
    office = program.module().BoxOffice({})
    return schedules.Scene({who: partial(office.book, "A1", who, len) for who in ("Ana", "Ben")})


if __name__ == "__main__":
    if sys.argv[1] == "mandelbrot_gain":
        mandelbrot_gain()
    elif sys.argv[1] == "schedules_needed":
        schedules_needed()
    else:
        verdict_seconds(sys.argv[2])
