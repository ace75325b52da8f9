"""Oracle: how much faster, against what this machine could do in the same moment?

Three things are timed in turn, round after round, so that a neighbour's load hits all of them alike: the work one by
one (baseline), the learner's code (candidate), and a pure-compute control, once on one thread and once on all. The
control's gain is the *ceiling* C: what threads can gain here and now. The verdict is candidate / C.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from checks.suite import Failed, Found, Inconclusive

ROUNDS = 5  # in which threads could gain something; more are run until there are so many
BUDGET_S = 10.0  # and no longer than this
LEAST_CEILING = 1.25  # below it two threads gain so little here that nothing can be said about how they are used
_CONTROL_TURNS = 120_000


@dataclass(frozen=True, slots=True)
class Round:
    """One round: seconds of the four things that were timed in turn, and the candidate's CPU seconds."""

    baseline_s: float
    candidate_s: float
    candidate_cpu_s: float
    alone_s: float
    together_s: float
    threads: int

    @property
    def gain(self) -> float:
        """How many times faster the candidate was than the baseline."""
        return self.baseline_s / self.candidate_s

    @property
    def ceiling(self) -> float:
        """How many times faster `threads` threads of pure compute were than one thread doing all of it."""
        return self.alone_s * self.threads / self.together_s

    @property
    def cores_used(self) -> float:
        """CPU time over wall time: 1.0 is one core kept busy."""
        return self.candidate_cpu_s / self.candidate_s


@dataclass(frozen=True, slots=True)
class Speed:
    """The rounds that were measured, and what they say."""

    rounds: tuple[Round, ...]

    @property
    def threads(self) -> int:
        """How many threads the control had: one for each core that could be used."""
        return max(each.threads for each in self.rounds)

    @property
    def gain(self) -> float:
        """Median gain over the baseline."""
        return median(each.gain for each in self.rounds)

    @property
    def ceiling(self) -> float:
        """Median ceiling."""
        return median(each.ceiling for each in self.rounds)

    @property
    def shares(self) -> list[float]:
        """Gain over ceiling, lowest first, of the rounds in which threads could gain anything at all."""
        return sorted(each.gain / each.ceiling for each in self.rounds if each.ceiling >= LEAST_CEILING)

    @property
    def can_say(self) -> bool:
        """Whether there were enough of those rounds."""
        return len(self.shares) >= ROUNDS

    def details(self, required: float) -> dict[str, object]:
        """The figures for a picture."""
        return {
            "speed": {
                "gain": round(self.gain, 2),
                "ceiling": round(self.ceiling, 2),
                "required": required,
                "cores_used": round(median(each.cores_used for each in self.rounds), 2),
            }
        }


def control(turns: int = _CONTROL_TURNS) -> float:
    """Pure compute that shares nothing: a fixed number of turns on local floats."""
    value = 0.5
    for _ in range(turns):
        value = 3.7 * value * (1.0 - value)
    return value


def usable_cores() -> int:
    """Cores that this process may run on, PYTHON_CPU_COUNT (a container's share) respected."""
    return getattr(os, "process_cpu_count", os.cpu_count)() or 1


def measure(candidate: Callable[[], object], baseline: Callable[[], object]) -> Speed:
    """Time `candidate`, `baseline` and the control in turn, until ROUNDS rounds can say something or time is up."""
    candidate()  # once apart: imports, caches, the first start of threads
    baseline()
    speed, began = Speed(()), time.monotonic()
    while not speed.can_say and time.monotonic() - began < BUDGET_S:
        speed = Speed((*speed.rounds, _round(candidate, baseline, usable_cores())))
    return speed


def _round(candidate: Callable[[], object], baseline: Callable[[], object], threads: int) -> Round:
    baseline_s = _seconds(baseline)
    alone_s = _seconds(control)
    cpu = time.process_time()
    candidate_s = _seconds(candidate)
    cpu = time.process_time() - cpu
    together_s = _seconds(lambda: _on_threads(control, threads))
    return Round(baseline_s, candidate_s, cpu, alone_s, together_s, threads)


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _on_threads(call: Callable[[], object], count: int) -> None:
    workers = [threading.Thread(target=call) for _ in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def require(speed: Speed, share: float, what: str) -> Found:
    """What was found, where half of the rounds reach `share` of the ceiling; Failed where none does; else Inconclusive.

    Ask only after a structural proof: a slow machine must never stand in for a wrong answer, nor the other way round.
    """
    if speed.threads < 2:
        raise Inconclusive("this machine has one core: threads cannot gain anything here")
    figures = speed.details(share)
    shares = speed.shares if speed.can_say else [0.0]
    found = f"{what}: {speed.gain:.2f}x, of {speed.ceiling:.2f}x that this machine can give now ({median(shares):.0%})"
    if median(shares) >= share:
        return Found(found, figures)
    if (
        not speed.can_say or speed.ceiling < LEAST_CEILING
    ):  # then the control was lucky in a few rounds, not the code bad
        raise Inconclusive(
            f"pure computing on all cores gains only {speed.ceiling:.2f}x here and now: others use the machine"
        )
    if shares[-1] >= share:
        disagree = f"{found}; the rounds disagree, from {shares[0]:.0%} to {shares[-1]:.0%}"
        raise Inconclusive(disagree, details=figures)
    raise Failed(found, expected=f"at least {share:.0%} of what this machine can give", details=figures)
