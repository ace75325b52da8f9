"""A fixed amount of computing that shares nothing: what this machine can do, here and now."""

from __future__ import annotations

import time

MOST_SLOWNESS = 8.0
_TURNS, _USUAL_S = 1_000_000, 0.1  # on a machine of 2020 that has nothing else to do


def control(turns: int) -> float:
    """`turns` turns on local floats."""
    value = 0.5
    for _ in range(turns):
        value = 3.7 * value * (1.0 - value)
    return value


def slowness() -> float:
    """How many times longer than on a usual machine computing takes here and now, from 1 to MOST_SLOWNESS."""
    began = time.perf_counter()
    control(_TURNS)
    return min(max((time.perf_counter() - began) / _USUAL_S, 1.0), MOST_SLOWNESS)
