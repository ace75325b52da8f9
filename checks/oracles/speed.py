"""Oracle: how much faster, against what this machine could do in the same moment?

Each round times five things one after the other, so that a neighbour's load hits all of them alike:

    baseline     the work, one piece after the other        ┐ gain = baseline / candidate
    alone        a pure-compute control on one thread       │
    together     the control on all threads                 │ ceiling = what threads can gain here and now
    candidate    the attendee's code                         ┘
    together     the control again: does it agree with itself?

The verdict is gain / ceiling. Time alone fails nobody unless all rounds agree, by more than the control's own spread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from checks.pure_compute import control
from checks.suite import Failed, Found, Inconclusive
from foundation import cores

ROUNDS = 5  # in which threads could gain something; more are run until there are so many
BUDGET_S = 10.0  # and no longer than this
LEAST_GAIN = 1.05  # a bar below it would let a program pass that gains nothing
MOST_SPREAD = 0.25  # of the control against itself; above it nothing can be said about anybody's slowness
NOT_COMPUTED = 1.5  # times the number of threads: no computing gains so much
SHORTEST_S, LONGEST_S = 0.1, 0.3  # of the control on one thread: shorter ones do not agree with themselves
_TRIAL_TURNS = 100_000


@dataclass(frozen=True, slots=True)
class Round:
    """One round: seconds of the things that were timed in turn, and the candidate's CPU seconds."""

    baseline_s: float
    alone_s: float
    together_s: float
    candidate_s: float
    candidate_cpu_s: float
    together_again_s: float
    threads: int

    @property
    def gain(self) -> float:
        """How many times faster the candidate was than the baseline."""
        return self.baseline_s / self.candidate_s

    @property
    def ceilings(self) -> tuple[float, float]:
        """How many times faster `threads` threads of pure compute were than one: before the candidate, and after it."""
        work_s = self.alone_s * self.threads
        return work_s / self.together_s, work_s / self.together_again_s

    @property
    def ceiling(self) -> float:
        """Both ceilings as one."""
        return 2 * self.alone_s * self.threads / (self.together_s + self.together_again_s)

    @property
    def cores_used(self) -> float:
        """CPU time over wall time: 1.0 is one core kept busy."""
        return self.candidate_cpu_s / self.candidate_s


@dataclass(frozen=True, slots=True)
class Speed:
    """The rounds that were measured, and what they say about a bar: `share` of the ceiling must be gained."""

    rounds: tuple[Round, ...]
    share: float

    @property
    def threads(self) -> int:
        """How many threads the control had: one for each core that could be used."""
        return max(each.threads for each in self.rounds)

    @property
    def good_rounds(self) -> tuple[Round, ...]:
        """Those in which the bar was above LEAST_GAIN: threads could gain something, and not by a lucky control."""
        return tuple(each for each in self.rounds if min(each.ceilings) * self.share >= LEAST_GAIN)

    @property
    def can_say(self) -> bool:
        """Whether there were enough of those, and more than of the others."""
        return len(self.good_rounds) >= ROUNDS and 2 * len(self.good_rounds) > len(self.rounds)

    @property
    def gain(self) -> float:
        """Median gain over the baseline, of the good rounds if they can say something."""
        return median(each.gain for each in self._counted)

    @property
    def ceiling(self) -> float:
        """Median ceiling of the same rounds."""
        return median(each.ceiling for each in self._counted)

    @property
    def shares(self) -> list[float]:
        """Gain over ceiling of the same rounds, lowest first."""
        return sorted(each.gain / each.ceiling for each in self._counted)

    @property
    def spread(self) -> float:
        """How far the control disagrees with itself over all of those rounds: 0.1 is 10 % of its highest ceiling."""
        ceilings = [ceiling for each in self._counted for ceiling in each.ceilings]
        return 1 - min(ceilings) / max(ceilings)

    @property
    def _counted(self) -> tuple[Round, ...]:
        return self.good_rounds if self.can_say else self.rounds

    def details(self) -> dict[str, object]:
        """The figures for a picture."""
        return {
            "speed": {
                "gain": round(self.gain, 2),
                "ceiling": round(self.ceiling, 2),
                "required": self.share,
                "spread": round(self.spread, 2),
                "cores_used": round(median(each.cores_used for each in self._counted), 2),
            }
        }


def measure(candidate: Callable[[], object], baseline: Callable[[], object], share: float) -> Speed:
    """Time `candidate`, `baseline` and the control in turn, until the rounds can say something or time is up.

    share: of the ceiling, which the candidate must gain.
    """
    candidate()  # once without a clock: imports, caches, the first start of threads
    turns = _turns_that_take(_seconds(baseline))
    speed, began = Speed((), share), time.monotonic()
    while not (speed.rounds and speed.can_say) and time.monotonic() - began < BUDGET_S:
        speed = Speed((*speed.rounds, _round(candidate, baseline, cores.usable(), turns)), share)
    return speed


def _turns_that_take(seconds: float) -> int:
    """How many turns of the control take about as long as the baseline does."""
    trial_s = _seconds(lambda: control(_TRIAL_TURNS))
    return round(_TRIAL_TURNS * min(max(seconds, SHORTEST_S), LONGEST_S) / trial_s)


def _round(candidate: Callable[[], object], baseline: Callable[[], object], threads: int, turns: int) -> Round:
    def together_s() -> float:
        return _seconds(lambda: _on_threads(lambda: control(turns), threads))

    baseline_s = _seconds(baseline)
    alone_s = _seconds(lambda: control(turns))
    before_s = together_s()
    cpu = time.process_time()
    candidate_s = _seconds(candidate)
    cpu = time.process_time() - cpu
    return Round(baseline_s, alone_s, before_s, candidate_s, cpu, together_s(), threads)


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


def require(speed: Speed, what: str) -> Found:
    """What was found, if most rounds reach the bar; Failed if all of them miss it by more than the control's spread.

    Otherwise Inconclusive: it is never the attendee's fault that a machine is small or busy. A gain that no computing
    gives is Failed too. Ask only after a structural proof: time must never stand in for a wrong answer.
    Guarantees: whatever passes is faster than its baseline.
    """
    if speed.threads < 2:
        raise Inconclusive("this machine has one core: threads cannot gain anything here")
    figures, shares = speed.details(), speed.shares
    found = f"{what}: {speed.gain:.2f}x, of {speed.ceiling:.2f}x that this machine can give now ({median(shares):.0%})"
    if min(each.gain for each in speed.rounds) > NOT_COMPUTED * speed.threads:
        raise Failed(
            f"{what}: {speed.gain:.0f}x, more than {speed.threads} threads can gain by computing",
            expected="the same work as on one thread, done anew each time",
        )
    if not speed.can_say:
        raise Inconclusive(
            f"pure computing on all cores gains only {speed.ceiling:.2f}x here and now: too little to judge by"
        )
    if 2 * sum(each >= speed.share for each in shares) > len(shares):
        return Found(found, figures)
    if shares[-1] < speed.share * (1 - speed.spread) and speed.spread <= MOST_SPREAD:
        raise Failed(found, expected=f"at least {speed.share:.0%} of what this machine can give", details=figures)
    noise = f"rounds from {shares[0]:.0%} to {shares[-1]:.0%}, the control varies by {speed.spread:.0%}"
    raise Inconclusive(f"{found}; {noise}: too near to {speed.share:.0%} to say", details=figures)
