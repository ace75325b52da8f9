"""Tries the schedules of a scene, until a promise is broken, all are tried, or the budget is spent."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from checks.oracles.schedules.control import Abort, Run
from checks.oracles.schedules.search import Frontier, Schedule, prices_of
from checks.oracles.schedules.story import Blocked, Narrator, Step, blocked_of, steps_of

SWITCHES = 2  # nearly all real faults need no more
FURTHER = 500  # schedules, up to which more switches are tried
MOST = 20_000  # schedules
BUDGET_S = 60.0
MOST_DIVERGED = 20


@dataclass
class Outcomes:
    """What each call returned, or the exception that it raised, by name; and what ended other threads."""

    of: dict[str, object] = field(default_factory=dict)
    lost: list[tuple[str, BaseException]] = field(default_factory=list)

    def __getitem__(self, name: str) -> object:
        return self.of[name]


def no_exception(outcomes: Outcomes) -> str | None:
    """The promise of a scene that names none: no call raises."""
    for name, outcome in (*outcomes.of.items(), *outcomes.lost):
        if isinstance(outcome, BaseException):
            return f"{name} ended by {type(outcome).__name__}: {outcome}"
    return None


@dataclass(frozen=True)
class Scene:
    """Calls that are made at the same time, each on a thread of its own, and what must hold when all have ended.

    `judge` says what is wrong, or returns None, or raises; it may call the attendee's code again.
    """

    calls: Mapping[str, Callable[[], object]]
    judge: Callable[[Outcomes], str | None] = no_exception


@dataclass(frozen=True)
class Failure:
    """What went wrong in one schedule, and how."""

    kind: str  # broken promise, deadlock, endless, exception, not under control
    what: str
    schedule: Schedule
    switches: int  # that the schedule has forced
    steps: tuple[Step, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    error: BaseException | None = None  # what `judge`, or the making of the scene, has raised


@dataclass
class Exploration:
    """What has been tried. `completed`: all orders with so many switches, -1 if not even those without any."""

    schedules: int = 0
    completed: int = -1
    is_everything: bool = False  # all orders, whatever the number of switches
    steps: int = 0  # of the longest run
    diverged: int = 0  # runs that did not go their way again: the program does not depend on its schedule alone
    failure: Failure | None = None

    def __str__(self) -> str:
        """In words: "all 312 schedules with up to 2 switches"."""
        number = f"{self.schedules} schedule{'s' if self.schedules != 1 else ''}"
        if self.failure:
            return f"{self.failure.what} (found in schedule {self.schedules})"
        if self.is_everything:
            return f"all orders, by {number}"
        if self.completed < 0:
            return f"{number}, and not yet all of those without a switch"
        return f"all orders with up to {self.completed} switch{'es' if self.completed != 1 else ''}, by {number}"


@dataclass
class Trial:
    """One run of a scene."""

    run: Run
    narrator: Narrator = field(default_factory=Narrator)
    outcomes: Outcomes = field(default_factory=Outcomes)
    verdict: str | None = None
    error: BaseException | None = None
    blocked: tuple[Blocked, ...] = ()

    def execute(self, make: Callable[[], Scene]) -> None:
        """Make the scene, let its calls run, judge."""
        self.run.at_end = self._look_who_is_blocked
        lots = random.getstate()
        random.seed(0)  # whoever draws lots draws the same ones in each run
        try:
            self.run.execute(lambda: self._main(make))
        finally:
            random.setstate(lots)

    def _look_who_is_blocked(self) -> None:
        if self.run.is_told:
            self.blocked = blocked_of(self.run, self.narrator)

    def _main(self, make: Callable[[], Scene]) -> None:
        run = self.run
        try:
            scene = make()
            strands = [run.spawn(name, self._call(name, call)) for name, call in scene.calls.items()]
            run.step(lambda: all(each.is_over for each in strands))
            run.is_quiet = True
            self.outcomes.lost = run.lost
            run.current.inside.append((self, "judge"))
            self.verdict = scene.judge(self.outcomes)
        except Abort:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever the attendee's code or the check raises is told
            self.error = error

    def _call(self, name: str, call: Callable[[], object]) -> Callable[[], None]:
        def body() -> None:
            try:
                self.outcomes.of[name] = call()
            except Abort:
                raise
            except BaseException as error:  # noqa: BLE001 - handed on, sys.exit included
                self.outcomes.of[name] = error

        return body

    def kind(self) -> str:
        """What kind of failure it is; "" if it is none."""
        if self.run.end:
            return self.run.end
        if self.error is not None:
            return "broken promise" if isinstance(self.error, AssertionError) else "exception"
        return "broken promise" if self.verdict else ""


def explore(
    make: Callable[[], Scene],
    *,
    switches: int = SWITCHES,
    further: int = FURTHER,
    most: int = MOST,
    budget_s: float = BUDGET_S,
    reduces: bool = True,
) -> Exploration:
    """Try all orders of the scene's steps that force at most so many switches, those with few first.

    make: sets everything up anew, in each run: the scene may share nothing with another run. further: with more
    switches it goes on up to so many schedules. most, budget_s: it never tries more, nor longer. reduces: False tries
    orders that nobody can tell from each other, too.
    """
    frontier, found, began = Frontier(reduces), Exploration(), time.monotonic()
    while (price := frontier.fewest()) is not None:
        found.completed = price - 1
        if found.schedules >= (most if price <= switches else min(further, most)):
            return found
        if time.monotonic() - began > budget_s or found.diverged > MOST_DIVERGED:
            return found
        schedule = frontier.pop()
        trial = Trial(Run(schedule))
        trial.execute(make)
        if trial.run.end == "diverged":
            found.diverged += 1
            continue
        found.schedules += 1
        found.steps = max(found.steps, len(trial.run.who))
        if trial.kind():
            found.failure = replay(make, bytes(trial.run.who)) or _told(trial)
            return found
        frontier.learn(trial.run, schedule)
    found.is_everything = not found.diverged
    return found


def replay(make: Callable[[], Scene], schedule: Schedule) -> Failure | None:
    """Run one schedule again; the failure, told step by step, or None if there is none."""
    narrator = Narrator()
    trial = Trial(Run(schedule, is_told=True, where=narrator.where), narrator)
    trial.execute(make)
    return _told(trial) if trial.kind() not in ("", "diverged") else None


def _told(trial: Trial) -> Failure:
    run, kind = trial.run, trial.kind()
    what = {
        "deadlock": f"deadlock: {'; '.join(map(str, trial.blocked))}",
        "endless": f"no end after {len(run.who):,} steps",
        "not under control": "the code waits for something that is not under control",
    }.get(kind) or trial.verdict
    if what is None:
        what = str(trial.error) if kind == "broken promise" else f"{type(trial.error).__name__}: {trial.error}"
    return Failure(
        kind, what, bytes(run.who), prices_of(run)[-1], steps_of(run, trial.narrator), trial.blocked, trial.error
    )
