"""One run of a program under control: its threads go one at a time, and each step asks who goes next.

A *strand* is a thread of the program. It runs on a real thread, which waits at a gate until it is its turn. Before each
step that can matter, the strand that runs calls `Run.step`. There the next one is chosen: the one that the schedule
names, and behind the end of the schedule the same strand as before, as long as it can go on.

Guarantees: of all strands exactly one runs; all that a Run holds is touched by that one alone. Whoever runs a Run
waits meanwhile. Time is virtual: it passes when strands sleep, and costs nothing.
"""

from __future__ import annotations

import _thread
import contextvars
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from checks.oracles.schedules.accesses import WRITES, Access, Mode

MOST_STEPS = 20_000  # of one run: after so many it is endless
SPIN = 50  # a strand that has read one line so often, and written nothing, waits for another one
HELD_UP_S = 1.0  # a thread may be held up so long: a shorter timeout can end while others could go on
STUCK_S = 5.0  # real seconds without a step, twice: the code waits for something that is not under control
MOST_ABORTS = 100  # that one strand may swallow


class Abort(BaseException):
    """The run is over: raised in each strand that has not ended."""


class Strand:
    """One thread of the program. `ready` says whether its next step can be done; None if nothing is in its way."""

    def __init__(self, number: int, name: str, body: Callable[[], object], is_daemon: bool = False) -> None:
        self.number = number
        self.name = name
        self.body = body
        self.is_daemon = is_daemon
        self.thread: Any = None  # what `threading.current_thread()` gives
        self.ready: Callable[[], bool] | None = None
        self.deadline: float | None = None
        self.may_overtake = False  # its deadline may pass while others could go on
        self.subject: object = None  # what it waits for
        self.place: tuple[str, int] | None = None  # the attendee's line that it is at, if the run is told
        self.inside: list[tuple[object, str]] = []  # calls of library objects: atomic but for their waits
        self.is_new = True  # its first step is made as soon as it is chosen for the first time
        self.has_ended = False
        self.is_over = False  # what `join` waits for: set in the last step
        self.aborts = 0
        self.looks: dict[int, int] = {}
        self.worker = _idle.pop() if _idle else Worker()
        self.worker.strand = self

    def is_done(self) -> bool:
        """Whether it has ended."""
        return self.is_over


class Worker:
    """A real thread, used again by run after run."""

    def __init__(self) -> None:
        self.gate = _thread.allocate_lock()
        self.gate.acquire()
        self.strand: Strand | None = None
        self.run: Run | None = None
        self.ident = _thread.start_new_thread(self._work, ())

    def _work(self) -> None:
        while True:
            self.gate.acquire()
            strand, run = self.strand, self.run
            assert strand is not None
            assert run is not None
            contextvars.Context().run(run.live, strand)


_idle: list[Worker] = []


@dataclass(frozen=True, slots=True)
class Crossing:
    """Who could have gone on before a step. `last` is the strand of the step before, None if it had to stop."""

    last: int | None
    awake: tuple[int, ...]
    asleep: tuple[int, ...]  # the one whose time comes first stands first

    def price(self, number: int) -> int:
        """0 if the strand goes on here by itself, 1 if another one has to be held up for it."""
        if self.last is not None:
            return int(number != self.last)
        if self.awake:
            return int(number not in self.awake)
        return int(number != self.asleep[0])


@dataclass(frozen=True, slots=True)
class Told:
    """What a step has touched, as it is kept for people."""

    strand: int
    place: tuple[str, int] | None
    site: int | None
    owner: object
    words: str


@dataclass
class Run:
    """One execution. `schedule` names the strand of each step; behind its end each goes on as long as it can."""

    schedule: Sequence[int] = ()
    is_told: bool = False  # whether each step is kept for people
    where: Callable[[], tuple[str, int] | None] = lambda: None  # the attendee's line, if the run is told
    strands: list[Strand] = field(default_factory=list)
    current: Strand = field(init=False)
    now: float = 0.0
    who: list[int] = field(default_factory=list)  # the strand of each step
    accesses: list[tuple[Access, ...]] = field(default_factory=list)  # and what it touches
    times: list[float] = field(default_factory=list)  # of the clock, before each step
    crossings: list[Crossing | None] = field(default_factory=list)  # None: nobody could have gone on but itself
    parents: dict[int, int] = field(default_factory=dict)  # strand -> the step that has started it
    told: list[Told] = field(default_factory=list)
    lost: list[tuple[str, BaseException]] = field(default_factory=list)  # threads that ended by an exception
    end: str = ""  # why the run was cut off: deadlock, endless, diverged, not under control
    at_end: Callable[[], None] = lambda: None  # called when it was, as long as all strands stand where they stood
    is_quiet: bool = False  # the calls have ended: nothing is recorded any more
    kept: dict[int, object] = field(default_factory=dict)  # what was touched lives on, so that no id is used twice
    numbers: dict[int, int] = field(default_factory=dict)
    _is_over: bool = False
    _steps_seen: int = -1
    _threads_made: int = 0
    _crossing: Crossing | None = None  # the last one, as long as nothing has changed
    _done: Any = field(default_factory=_thread.allocate_lock)

    def execute(self, main: Callable[[], object]) -> None:
        """Run `main` on the first strand until it returns; `end` says why if it did not."""
        global _run  # noqa: PLW0603 - one run at a time
        self._done.acquire()
        strand = self.spawn("main", main)
        self.current, _run = strand, self
        self.who.append(0)
        self.accesses.append(())
        self.times.append(0.0)
        self.crossings.append(None)
        try:
            strand.worker.gate.release()
            while not self._done.acquire(timeout=STUCK_S):
                if self._is_stuck():
                    self.end = "not under control"
                    break
            if self.end:
                self.at_end()
            self._clear_away()
        finally:
            _run = None

    def _is_stuck(self) -> bool:
        """Whether no step has been made since this was asked last."""
        before, self._steps_seen = self._steps_seen, len(self.who)
        return before == self._steps_seen

    def _clear_away(self) -> None:
        """End the strands that are left, one after the other. A real thread that cannot be ended is given up."""
        self._is_over = True
        for strand in self.strands:
            if not strand.has_ended:
                self.current = strand
                if self.end == "not under control" or not self._ends(strand):
                    continue
            _idle.append(strand.worker)

    def _ends(self, strand: Strand) -> bool:
        strand.worker.gate.release()
        return bool(self._done.acquire(timeout=1.0)) and strand.aborts <= MOST_ABORTS

    def spawn(self, name: str, body: Callable[[], object], is_daemon: bool = False) -> Strand:
        """A new strand, which can go on from now on."""
        strand = Strand(len(self.strands), name, body, is_daemon)
        strand.worker.run = self
        self.parents[strand.number] = len(self.who) - 1
        self.strands.append(strand)
        self._crossing = None
        return strand

    def live(self, strand: Strand) -> None:
        """All of a strand's life, on its real thread."""
        try:
            if not self._is_over:
                strand.body()
                self.step()
                strand.is_over = True
                self.record((("end", strand.number), Mode.SIGNAL))
        except Abort:
            pass
        strand.has_ended = True
        self._crossing = None
        if self._is_over or strand.number == 0:
            self._done.release()
        else:
            following = self._choose(strand)
            if following is not None:
                self._hand_over(following)

    def step(
        self,
        ready: Callable[[], bool] | None = None,
        deadline: float | None = None,
        subject: object = None,
        may_overtake: bool = True,
    ) -> bool:
        """Return when it is this strand's turn and `ready()` holds; or False when the time of `deadline` has come.

        subject: what it waits for. may_overtake: the deadline may pass while others could go on.
        """
        strand = self.current
        if self._is_over:
            self._abort(strand)
        strand.ready, strand.deadline, strand.subject = ready, deadline, subject
        strand.may_overtake = may_overtake
        if self.is_told:
            strand.place = self.where()
        if ready is not None:
            self._crossing = None
        if (strand.inside or strand.is_new) and (ready is None or ready()):
            self._enter(strand, None)
        else:
            following = self._choose(strand)
            if following is not strand:
                self._give_way(strand, following)
        strand.is_new = False
        strand.ready = strand.subject = None
        if ready is None:
            return True
        self._crossing = None
        if ready():
            return True
        assert deadline is not None
        self.now = max(self.now, deadline)
        return False

    def _abort(self, strand: Strand) -> None:
        strand.aborts += 1
        if strand.aborts > MOST_ABORTS:  # it swallows whatever is raised: give its real thread up
            self._done.release()
            strand.worker.gate.acquire()
        raise Abort

    def _give_way(self, strand: Strand, following: Strand | None) -> None:
        if following is not None:
            self._hand_over(following)
        strand.worker.gate.acquire()
        if self._is_over:
            self._abort(strand)

    def _hand_over(self, strand: Strand) -> None:
        self.current = strand
        strand.worker.gate.release()

    def _enter(self, strand: Strand, crossing: Crossing | None) -> None:
        self.who.append(strand.number)
        self.accesses.append(())
        self.times.append(self.now)
        self.crossings.append(crossing)

    def _choose(self, strand: Strand) -> Strand | None:
        """Who makes the next step, `strand` having made the last; None if the run is over."""
        crossing = self._look_round(strand)
        possible = crossing.awake or crossing.asleep
        step = len(self.who)
        if not possible or step > MOST_STEPS:
            return self._stop("endless" if possible else "deadlock")
        if step < len(self.schedule):
            number = self.schedule[step]
            if number not in crossing.awake and number not in crossing.asleep:
                return self._stop("diverged")
        elif crossing.last is not None:
            number = crossing.last
        elif crossing.awake:
            number = min(crossing.awake, key=lambda each: (each - strand.number - 1) % len(self.strands))
        else:
            number = crossing.asleep[0]
        chosen = self.strands[number]
        self._enter(chosen, crossing)
        return chosen

    def _stop(self, why: str) -> Strand | None:
        self.end = why
        self._done.release()
        return None

    def _look_round(self, strand: Strand) -> Crossing:
        spins = self._spins(strand)
        if self._crossing is not None and self._crossing.last == strand.number and not spins:
            return self._crossing
        awake, asleep = [], []
        for each in self.strands:
            if each.has_ended:
                continue
            if each.ready is None or each.ready() or (each.deadline is not None and each.deadline <= self.now):
                awake.append(each.number)
            elif each.deadline is not None:
                asleep.append(each)
        if awake:
            asleep = [each for each in asleep if each.may_overtake]
        asleep.sort(key=lambda each: (each.deadline or 0.0, each.number))
        goes_on = strand.number in awake and not (spins and len(awake) > 1)
        if not goes_on and strand.number in awake and len(awake) > 1:
            awake.remove(strand.number)
        last = strand.number if goes_on else None
        self._crossing = Crossing(last, tuple(awake), tuple(each.number for each in asleep))
        return self._crossing

    def _spins(self, strand: Strand) -> bool:
        if strand.looks and max(strand.looks.values()) > SPIN:
            strand.looks.clear()
            self._crossing = None
            return True
        return False

    def record(self, *accesses: Access, site: int | None = None, owner: object = None, words: str = "") -> None:
        """What the step that is being made touches."""
        if self.is_quiet:
            return
        self.accesses[-1] += accesses
        strand = self.current
        if any(mode in WRITES for _place, mode in accesses):
            strand.looks.clear()
        elif site is not None:
            strand.looks[site] = strand.looks.get(site, 0) + 1
        if owner is not None:
            self.kept[id(owner)] = owner
        if self.is_told and not strand.inside:
            self.told.append(Told(strand.number, strand.place, site, owner, words))

    def wakes_others(self) -> None:
        """Something has changed that a strand may wait for."""
        self._crossing = None

    def next_thread(self) -> int:
        """A number for the name of a thread that has been given none."""
        self._threads_made += 1
        return self._threads_made

    def number_of(self, thing: object) -> int:
        """A number for `thing`, the same in each run that goes the same way."""
        self.kept[id(thing)] = thing
        return self.numbers.setdefault(id(thing), len(self.numbers) + 1)


_run: Run | None = None


def active() -> Run | None:
    """The run whose strand calls this; None if no run is on, or another thread of the process calls."""
    run = _run
    if run is not None and run.current.worker.ident == _thread.get_ident():
        return run
    return None


def running() -> Run:
    """The run whose strand calls this; RuntimeError if there is none: what waits can be used in a run only."""
    run = active()
    if run is None:
        raise RuntimeError("threads, events and queues of a controlled program work only while a schedule runs")
    return run
