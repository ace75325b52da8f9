"""How many schedules a second the controlled scheduler tries, and how many an answer needs: lab 07's right answers."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.bench.figures import Figure
from tests.bench.labs import in_lab


def schedules() -> Iterator[Figure]:
    """Two bookings of one seat, and of two: all orders, for each right answer of lab 07."""
    for line in in_lab("schedules_needed"):
        name, number, seconds = json.loads(line)
        yield Figure(f"lab 07, {name}: schedules needed", number, "")
        yield Figure(f"lab 07, {name}: all of them", seconds, "s", at_most=3)
        yield Figure(f"lab 07, {name}: schedules a second", number / seconds, "/s")
