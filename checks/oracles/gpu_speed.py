"""Oracle: how many times faster is one kernel than another, on this GPU, in the same moment?

Both are timed by CUDA events, in turn, round after round, so that clocks and neighbours hit both alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from checks.suite import Failed, Found, Inconclusive

ROUNDS = 9
LAUNCHES = 5  # in one timing: more than an event's resolution


@dataclass(frozen=True, slots=True)
class Comparison:
    """The gain of each round: the baseline's time over the candidate's."""

    gains: tuple[float, ...]

    @property
    def gain(self) -> float:
        """The median gain."""
        return median(self.gains)


def milliseconds(call: Callable[[], object]) -> float:
    """What one `call` takes on the GPU, between two CUDA events."""
    from numba import cuda

    begin, end = cuda.event(), cuda.event()
    begin.record()
    for _ in range(LAUNCHES):
        call()
    end.record()
    end.synchronize()
    return float(cuda.event_elapsed_time(begin, end)) / LAUNCHES


def compare(
    candidate: Callable[[], object],
    baseline: Callable[[], object],
    timed: Callable[[Callable[[], object]], float] = milliseconds,
) -> Comparison:
    """Time both in turn, once beforehand for what only the first call costs."""
    timed(baseline)
    timed(candidate)
    return Comparison(tuple(timed(baseline) / max(timed(candidate), 1e-9) for _ in range(ROUNDS)))


def require(comparison: Comparison, least: float, what: str) -> Found:
    """What was found, where half of the rounds gain `least`; Failed where none does; else Inconclusive."""
    low, high = min(comparison.gains), max(comparison.gains)
    found = f"{what}: {comparison.gain:.1f}x ({low:.1f}x to {high:.1f}x in {len(comparison.gains)} rounds)"
    details = {"gpu_speed": {"gain": round(comparison.gain, 2), "required": least}}
    if comparison.gain >= least:
        return Found(found, details)
    if high >= least:
        raise Inconclusive(f"{found}: the rounds disagree", details=details)
    raise Failed(found, expected=f"{least:g}x at least", details=details)
