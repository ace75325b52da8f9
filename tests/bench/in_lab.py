"""What runs on the lab environment's Python. Prints JSON, a value a line."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from checks.exercise import load
from checks.oracles import speed
from foundation import cores
from labs import answer_regions, catalogue
from labs.author import author

PROMISED = 0.9  # of the ceiling


def verdict_seconds(number: str) -> None:
    """[name, seconds] of the verdict on lab `number`'s solution and on its starter."""
    for candidate in author.candidates(catalogue.find(number)):
        if candidate.name in ("solution", "starter"):
            began = time.monotonic()
            author.check_candidate(catalogue.find(number), candidate)
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


if __name__ == "__main__":
    if sys.argv[1] == "mandelbrot_gain":
        mandelbrot_gain()
    else:
        verdict_seconds(sys.argv[2])
