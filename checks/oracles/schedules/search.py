"""Which schedules are worth a run: those in which two steps that depend on each other change their order.

Dynamic partial-order reduction (Flanagan and Godefroid, POPL 2005), in the order of the number of switches that each
schedule forces, as in CHESS (Musuvathi and Qadeer, PLDI 2007), with the conservative switches that a bound on them
needs (Coons, Musuvathi and McKinley, OOPSLA 2013): if two steps of two threads depend on each other, and nothing keeps
the second from coming first, then a schedule is tried in which it does; so all else is covered by what is tried.
Two ways that differ only in the order of steps that do not depend on each other lead to one state, which is left once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

from checks.oracles.schedules.control import Run
from checks.oracles.schedules.races import Order

Schedule = bytes  # the strand of each step


@dataclass
class Frontier:
    """The schedules that are still to be tried, those with the fewest switches first."""

    reduces: bool = True  # False tries all orders of all steps: what the reduction is measured against
    _heap: list[tuple[int, int, Schedule]] = field(default_factory=lambda: [(0, 0, b"\0")])
    _cheapest: dict[Hashable, int] = field(default_factory=dict)  # state and next strand: how many switches it takes
    _pushed: int = 0

    def fewest(self) -> int | None:
        """The number of switches of the next schedule; None if all have been tried."""
        return self._heap[0][0] if self._heap else None

    def pop(self) -> Schedule:
        """The next schedule."""
        return heappop(self._heap)[2]

    def learn(self, run: Run, tried: Schedule) -> None:
        """Add the schedules that the run with the schedule `tried` has shown to be worth a try."""
        order = Order(run)
        turns = list(order.turns(len(tried) - 1))
        path = _Path(run, bytes(run.who), prices_of(run), order.states if self.reduces else None)
        for step in range(len(tried) - 1, len(path.who)):
            if run.crossings[step] is not None:
                self._is_new(path, step, path.who[step])
        for step, strand in turns if self.reduces else _all_turns(run):
            for number in path.possible(step, strand):
                self._add(path, step, number)

    def _add(self, path: _Path, step: int, number: int) -> None:
        """The schedule in which `number` goes at `step`; and if that is a switch, one in which it goes a while before.

        There it may cost nothing: where the strand that it comes before has begun to go.
        """
        self._push(path, step, number)
        begin = path.begin(step)
        if self.reduces and begin and begin < step and path.price(step, number) > path.prices[step]:
            for each in path.possible(begin, number):
                self._push(path, begin, each)

    def _push(self, path: _Path, step: int, number: int) -> None:
        if number != path.who[step] and self._is_new(path, step, number):
            self._pushed += 1
            heappush(self._heap, (path.price(step, number), self._pushed, path.who[:step] + bytes((number,))))

    def _is_new(self, path: _Path, step: int, number: int) -> bool:
        """Whether nothing like it has been tried, or is to be tried, with as few switches."""
        key, price = path.state(step, number), path.price(step, number)
        is_new = price < self._cheapest.get(key, price + 1)
        if is_new:
            self._cheapest[key] = price
        return is_new


@dataclass(frozen=True)
class _Path:
    """A run as a way through the states of the program."""

    run: Run
    who: Schedule
    prices: list[int]
    states: list[int] | None  # None: each way is a state of its own

    def price(self, step: int, number: int) -> int:
        """How many switches it takes to come to `step` and let `number` go there."""
        crossing = self.run.crossings[step]
        assert crossing is not None
        return self.prices[step] + crossing.price(number)

    def state(self, step: int, number: int) -> Hashable:
        """What comes if `number` goes at `step` depends on this alone."""
        before = self.who[:step] if self.states is None else self.states[step]
        return before, self.run.times[step], number

    def possible(self, step: int, strand: int) -> tuple[int, ...]:
        """Who can go at `step`, so that `strand` comes earlier: itself, or whoever may be needed for it."""
        crossing = self.run.crossings[step]
        assert crossing is not None
        everybody = crossing.awake + crossing.asleep
        return (strand,) if strand in everybody else everybody

    def begin(self, step: int) -> int:
        """Where the strand of `step` began to go."""
        while step and self.who[step - 1] == self.who[step]:
            step -= 1
        return step


def prices_of(run: Run) -> list[int]:
    """For each step the number of switches that the steps before it have forced."""
    prices, sum_ = [], 0
    for number, crossing in zip(run.who, run.crossings, strict=True):
        prices.append(sum_)
        sum_ += crossing.price(number) if crossing else 0
    return [*prices, sum_]


def _all_turns(run: Run) -> Iterator[tuple[int, int]]:
    for step, crossing in enumerate(run.crossings):
        if crossing is not None:
            for number in crossing.awake + crossing.asleep:
                yield step, number
