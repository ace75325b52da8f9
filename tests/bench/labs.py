"""How long a verdict takes, and what threads gain in lab 03 with the GIL off and on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from labs import catalogue
from provisioning.here.place import Place, lab_environment
from tests.bench.figures import Figure
from tests.bench.in_lab import PROMISED


def verdicts() -> Iterator[Figure]:
    """Each lab's solution and starter, judged."""
    for lab in catalogue.labs():
        for line in in_lab("verdict_seconds", lab.number):
            name, seconds = json.loads(line)
            yield Figure(f"lab {lab.number}: verdict on the {name}", seconds, "s", at_most=15)


def mandelbrot() -> Iterator[Figure]:
    """Lab 03's solution on all cores against one, the GIL off and on, and the ceiling measured in the same rounds."""
    for state, flags in (("off", []), ("on", ["-X", "gil=1"])):
        gain, ceiling, can_say = json.loads(in_lab("mandelbrot_gain", flags=flags)[0])
        yield Figure(f"lab 03, GIL {state}: gain over one thread", gain, "x")
        yield Figure(f"lab 03, GIL {state}: pure compute's gain, the ceiling", ceiling, "x")
        promise = PROMISED if state == "off" and can_say else None
        doubt = "" if can_say else " (too low to say anything)"
        yield Figure(f"lab 03, GIL {state}: share of the ceiling{doubt}", gain / ceiling, "C", at_least=promise)


def in_lab(function: str, *arguments: str, flags: list[str] | None = None) -> list[str]:
    """The lines that `function` of `in_lab` prints on the lab environment's Python."""
    place = Place.from_environment()
    python = place.lab_python()
    assert python is not None
    done = subprocess.run(
        [str(python), *(flags or []), "-P", "-m", "tests.bench.in_lab", function, *arguments],
        env=lab_environment(place),
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()
