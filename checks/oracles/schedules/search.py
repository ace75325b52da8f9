"""Which schedules are worth a run: those in which two steps that depend on each other change their order.

Dynamic partial-order reduction (Flanagan and Godefroid, POPL 2005), in the order of the number of switches that each
schedule forces, as in CHESS (Musuvathi and Qadeer, PLDI 2007), with the conservative switches that a bound on them
needs (Coons, Musuvathi and McKinley, OOPSLA 2013): if two steps of two threads depend on each other, and nothing keeps
the second from coming first, then a schedule is tried in which it does; so all else is covered by what is tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

from checks.oracles.schedules import races
from checks.oracles.schedules.control import Run

Schedule = bytes  # the strand of each step


@dataclass
class Frontier:
    """The schedules that are still to be tried, those with the fewest switches first."""

    reduces: bool = True  # False tries all orders of all steps: what the reduction is measured against
    _heap: list[tuple[int, int, Schedule]] = field(default_factory=lambda: [(0, 0, b"\0")])
    _seen: set[Schedule] = field(default_factory=set)
    _pushed: int = 0

    def fewest(self) -> int | None:
        """The number of switches of the next schedule; None if all have been tried."""
        return self._heap[0][0] if self._heap else None

    def pop(self) -> Schedule:
        """The next schedule."""
        return heappop(self._heap)[2]

    def learn(self, run: Run, tried: Schedule) -> None:
        """Add the schedules that the run with the schedule `tried` has shown to be worth a try."""
        path, prices = bytes(run.who), prices_of(run)
        turns = races.turns(run, len(tried) - 1) if self.reduces else _all_turns(run)
        for step, strand in turns:
            for number in _possible(run, step, strand):
                self._add(run, path, prices, step, number)

    def _add(self, run: Run, path: Schedule, prices: list[int], step: int, number: int) -> None:
        crossing = run.crossings[step]
        assert crossing is not None
        if number == path[step]:
            return
        price = prices[step] + crossing.price(number)
        self._push(price, path, step, number)
        if self.reduces and crossing.price(number):
            begin = _block(path, step)
            if begin < step and begin:
                for each in _possible(run, begin, number):
                    at = run.crossings[begin]
                    assert at is not None
                    if each != path[begin]:
                        self._push(prices[begin] + at.price(each), path, begin, each)

    def _push(self, price: int, path: Schedule, step: int, number: int) -> None:
        self._seen.add(path[: step + 1])
        schedule = path[:step] + bytes((number,))
        if schedule not in self._seen:
            self._seen.add(schedule)
            self._pushed += 1
            heappush(self._heap, (price, self._pushed, schedule))


def prices_of(run: Run) -> list[int]:
    """For each step the number of switches that the steps before it have forced."""
    prices, sum_ = [], 0
    for number, crossing in zip(run.who, run.crossings, strict=True):
        prices.append(sum_)
        sum_ += crossing.price(number) if crossing else 0
    return [*prices, sum_]


def _possible(run: Run, step: int, strand: int) -> tuple[int, ...]:
    """Who can go at `step`, so that `strand` comes earlier: itself, or whoever may be needed for it."""
    crossing = run.crossings[step]
    assert crossing is not None
    everybody = crossing.awake + crossing.asleep
    return (strand,) if strand in everybody else everybody


def _block(path: Schedule, step: int) -> int:
    """Where the strand of `step` began to go."""
    while step and path[step - 1] == path[step]:
        step -= 1
    return step


def _all_turns(run: Run) -> Iterator[tuple[int, int]]:
    for step, crossing in enumerate(run.crossings):
        if crossing is not None:
            for number in crossing.awake + crossing.asleep:
                yield step, number
