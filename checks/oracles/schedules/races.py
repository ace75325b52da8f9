"""Which steps of a run could have come in another order: those that depend on each other, by chance in this order.

Happens-before is kept in vector clocks: of each strand, how many of its steps must have come before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from checks.oracles.schedules.accesses import DEPENDENT, ORDERED, Mode, Place
from checks.oracles.schedules.control import Run

Clock = dict[int, int]  # strand -> the number of steps of the run up to its last one that came before
# Before the first of these, the strand of the second may come and stop: then the first goes on, and nothing was forced.
ARRIVALS = frozenset({(Mode.RELEASE, Mode.ACQUIRE), (Mode.SIGNAL, Mode.AWAIT)})


def _crossing(run: Run, step: int) -> int:
    """The last step at or before `step` at which another strand could have gone; 0 if there is none."""
    while step and run.crossings[step] is None:
        step -= 1
    return step


@dataclass
class Order:
    """What happened before what in a run."""

    run: Run
    states: list[int] = field(
        default_factory=lambda: [0]
    )  # before each step: the same if nobody could tell the difference
    clocks: dict[int, Clock] = field(default_factory=dict)  # of each strand
    after: list[Clock] = field(default_factory=list)  # behind each step
    touched: dict[Place, dict[Mode, dict[int, list[int]]]] = field(default_factory=dict)  # place, mode, strand: steps
    marks: list[int] = field(default_factory=list)  # of each step: what it is, and all that it depends on
    pasts: dict[int, int] = field(default_factory=dict)  # of each strand: the mark of its last step

    def turns(self, first_new: int) -> Iterator[tuple[int, int]]:
        """(step, strand) for each step before which the strand could have come, with a later step that depends on it.

        first_new: the later steps are those from here on; those before have been looked at in another run. To be
        called once, and to the end.
        """
        run = self.run
        for step, strand in enumerate(run.who):
            racing, arrivals = self._enter(step)
            if step < first_new:
                continue
            for earlier in racing:
                turn = _crossing(run, earlier)
                if turn:
                    yield turn, strand
            for earlier in arrivals:
                turn = _crossing(run, earlier)
                crossing = run.crossings[turn]
                if crossing is not None and strand in crossing.awake + crossing.asleep:
                    yield turn, strand

    def _enter(self, step: int) -> tuple[list[int], list[int]]:
        """Take the next step of the run. The steps of others that it races with, and those at which it could arrive."""
        strand = self.run.who[step]
        clock = self._clock(strand)
        racing, arrivals, joined = self._conflicts(step, strand, clock)
        for earlier in joined:
            for number, count in self.after[earlier].items():
                if count > clock.get(number, 0):
                    clock[number] = count
        clock[strand] = step + 1
        self.after.append(dict(clock))
        self._mark(step, strand, joined)
        for place, mode in self.run.accesses[step]:
            self.touched.setdefault(place, {}).setdefault(mode, {}).setdefault(strand, []).append(step)
        return racing, arrivals

    def _mark(self, step: int, strand: int, joined: list[int]) -> None:
        modes = tuple(mode for _place, mode in self.run.accesses[step])
        mark = hash((strand, self.pasts.get(strand, 0), modes, frozenset(self.marks[each] for each in joined)))
        self.pasts[strand] = mark
        self.marks.append(mark)
        self.states.append(self.states[-1] ^ mark)

    def _clock(self, strand: int) -> Clock:
        """The strand's clock; at first that of the step that has started it."""
        if strand not in self.clocks:
            parent = self.run.parents[strand]
            self.clocks[strand] = dict(self.after[parent]) if 0 <= parent < len(self.after) else {}
        return self.clocks[strand]

    def _conflicts(self, step: int, strand: int, clock: Clock) -> tuple[list[int], list[int], list[int]]:
        """Racing steps, arrivals, and all those on which the step depends."""
        racing: list[int] = []
        arrivals: list[int] = []
        joined: list[int] = []
        for place, mode in self.run.accesses[step]:
            modes = self.touched.get(place, {})
            for other in DEPENDENT[mode]:
                unordered = _unordered(modes.get(other, {}), strand, clock)
                joined += unordered
                if (other, mode) not in ORDERED:
                    racing += unordered
                elif (other, mode) in ARRIVALS:
                    arrivals += unordered
        return racing, arrivals, joined


def _unordered(steps_of: dict[int, list[int]], strand: int, clock: Clock) -> list[int]:
    """Those of other strands that need not come before."""
    found = []
    for number, steps in steps_of.items():
        known = clock.get(number, 0)
        if number != strand and steps[-1] >= known:
            found += [step for step in steps if step >= known]
    return found
