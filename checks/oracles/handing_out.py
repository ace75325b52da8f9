"""Oracle: does a function hand out work rightly: each piece once, at the same time, within a limit, no exception lost?

    hands = Hands(lambda tasks, workers: exercise.function("run_all")(tasks, workers), "`run_all`")
    hands.each_once(cases)

One method for each promise that an exercise may make. Whatever hands out something else than tasks is put behind a
function that makes tasks of it, as lab 03 does with rows.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from checks.oracles import answers, parallelism, schedules
from checks.suite import Failed, Found

PATIENCE_S = 5.0  # for what a right answer lets happen
GRACE_S = 0.5  # for what a right answer never lets happen: each check waits that long for it
ORDERS_BUDGET_S = 4.0
HASTE = 1000  # how many times sooner the attendee's timeouts end under `hasty`

Task = Callable[[], Any]


class Broken(Exception):  # noqa: N818
    """What a task of these checks raises."""


class Gate:
    """An event whose waiting is not `hasty`: made of a lock of the interpreter itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def open(self) -> None:
        """Let everybody through, now and later. To be called once."""
        self._lock.release()

    def wait(self, limit_s: float) -> None:
        """Return when it is open, `limit_s` later at the latest."""
        if self._lock.acquire(timeout=limit_s):
            self._lock.release()


@dataclass(frozen=True)
class Case:
    """So many workers, and tasks that return `values`; a task that stands in the list several times has `same`."""

    values: Sequence[Any]
    workers: int
    same: bool = False


@dataclass(frozen=True)
class Hands:
    """What is judged. out: gives tasks to the attendee's function, and the values back in a list."""

    out: Callable[[Sequence[Task], int], Any]
    name: str
    things: str = "tasks"

    def each_once(self, cases: Iterable[Case]) -> None:
        """Failed if a task is not called exactly once, or its value is not among the results, in any order."""
        for case in cases:
            counts = [0] * (1 if case.same else len(case.values))
            tasks = _counted(case, counts)
            what = f"the result for {len(tasks)} {self.things} and {case.workers} workers"
            with answers.left_alone(tasks, what=f"the list of {self.things}"):
                answers.same(_in_any_order(self.out(tasks, case.workers)), _in_any_order(list(case.values)), what)
            wanted = [len(tasks)] if case.same else [1] * len(tasks)
            answers.same(counts, wanted, f"how often each of {len(tasks)} {self.things} was called")

    def together(self, workers: int) -> Found:
        """What was found, if `workers` tasks are under way at the same time."""
        meeting = parallelism.Rendezvous(workers)
        self.out([meeting.meet] * (2 * workers), workers)
        return Found(meeting.require_met(self.things), meeting.trace.details())

    def within_limit(self, *limits: int) -> str:
        """What was found, if never more tasks than workers are under way at the same time."""
        for workers in limits:
            meeting = parallelism.Rendezvous(workers + 1, patience_s=GRACE_S)
            self.out([meeting.meet] * (6 * workers), workers)
            if meeting.most_at_once > workers:
                raise Failed(
                    f"{meeting.most_at_once} {self.things} were under way at the same time with `workers` = {workers}",
                    expected=f"{workers} at most, however many {self.things} there are",
                    details=meeting.trace.details(),
                )
        return f"never more {self.things} at the same time than workers, with {' and '.join(map(str, limits))} of these"

    def in_order(self, count: int) -> str:
        """What was found, if tasks that end last to first give their values first to last."""
        ended = [threading.Event() for _ in range(count + 1)]
        ended[count].set()

        def task(index: int) -> Task:
            def wait_for_the_next() -> int:
                ended[index + 1].wait(PATIENCE_S)
                ended[index].set()
                return index

            return wait_for_the_next

        result = self.out([task(index) for index in range(count)], count)
        answers.same(result, list(range(count)), f"the result of {self.things} that end in reverse order")
        return f"{count} {self.things} that ended last to first: results first to last"

    def error_surfaces(self, *errors: BaseException) -> str:
        """What was found, if the very exception that one task raises comes out, wherever that task stands."""
        for error in errors:
            for place in (0, 4, 8):
                called: list[int] = []
                tasks = [_raising(called, error) if index == place else int for index in range(9)]
                what = f"{self.name}, {type(error).__name__} in number {place} of 9 {self.things},"
                surfaced = answers.raises(type(error), lambda: self.out(tasks, 3), what)  # noqa: B023 - called here
                if surfaced is not error:
                    raise Failed(f"{what} raised another exception of the same kind", expected="the very exception")
                if len(called) != 1:
                    raise Failed(f"what raised was called {len(called)} times", expected="once: nobody asked for more")
        return f"{', '.join(type(each).__name__ for each in errors)}: each came out, wherever it was raised"

    def first_error(self) -> str:
        """What was found, if of several exceptions the first in the list comes out: not the first or last in time."""
        second_is_known, first_has_raised = Gate(), Gate()

        def first() -> None:
            second_is_known.wait(GRACE_S)
            first_has_raised.open()
            raise Broken("first in the list")

        def second() -> None:
            raise Broken("first in time")

        def third() -> None:
            first_has_raised.wait(PATIENCE_S)
            time.sleep(GRACE_S)
            raise Broken("last in time")

        # three workers: the fourth task begins when the thread of the second has done with its exception
        tasks: list[Task] = [first, second, third, second_is_known.open]
        what = f"{self.name} with three broken {self.things}"
        surfaced = answers.raises(Broken, lambda: self.out(tasks, 3), what)
        answers.same(str(surfaced), "first in the list", "the exception that came out")
        return f"three {self.things} failed, the second one first: the exception of the first one came out"

    def nested(self) -> str:
        """What was found, if a task may hand out tasks itself."""
        meeting = parallelism.Rendezvous(2, patience_s=GRACE_S)
        inner: list[Task] = [lambda: "inner", lambda: "values"]

        def outer() -> Any:
            meeting.meet()  # both workers are taken when the tasks inside are handed out
            return self.out(inner, 2)

        result = self.out([outer, outer, lambda: "outer"], 2)
        answers.same(
            result, [["inner", "values"]] * 2 + ["outer"], f"the result of {self.things} that call {self.name}"
        )
        return f"{self.things} that hand out {self.things} themselves"

    def ends_its_threads(self, workers: int) -> None:
        """Failed if a thread is left after tasks that do nothing. Ask with a number of workers of its own."""
        with answers.no_thread_left(self.name):
            self.out([int] * (2 * workers), workers)

    def nothing_left(self, *, after_error: bool) -> None:
        """Failed if something is under way, or a thread is left, when the values or an exception have come out.

        Timeouts of the attendee's code end sooner: whoever waits for a while only does not wait for the end.
        """
        came_back, began, ended = Gate(), Gate(), threading.Event()

        def first() -> None:
            began.wait(PATIENCE_S)
            if after_error:
                raise Broken

        def goes_on() -> None:
            began.open()
            came_back.wait(GRACE_S)
            ended.set()

        tasks: list[Task] = [first, goes_on]
        with answers.no_thread_left(f"{self.name}, ended by an exception," if after_error else self.name):
            with hasty():
                if after_error:
                    answers.raises(Broken, lambda: self.out(tasks, 2), self.name)
                else:
                    self.out(tasks, 2)
                is_over = ended.is_set()
            came_back.open()
        if not is_over:
            how = "raised" if after_error else "returned"
            found = f"{self.name} {how} while others of the {self.things} were under way"
            raise Failed(found, expected="all that has begun has ended by then")


Out = Callable[[Sequence[Task], int], Any]


def in_every_order(make: Callable[[], Out], name: str, things: str = "tasks") -> str:
    """What was found, if three tasks, and two that raise, are handed out rightly in each order of two workers' threads.

    make: loads the code anew, in the controlled world of `schedules`, and gives what hands out there. Code that uses
    what is not under control there is not judged.
    """
    tried = []
    for count, errors in ((3, 0), (2, 2)):
        found = schedules.explore(partial(_scene, make, count, errors), switches=2, budget_s=ORDERS_BUDGET_S)
        if found.failure and found.failure.kind in ("broken promise", "deadlock"):
            raise Failed(
                f"{name} with {count} {things} and 2 workers: {found.failure.what}, in one order of the threads",
                expected="the same result in every order",
            )
        if found.failure:
            return f"the orders of the threads could not be tried: {found.failure.what}"
        tried.append(str(found))
    return f"{tried[0]}; with exceptions {tried[1]}"


def _scene(make: Callable[[], Out], count: int, errors: int) -> schedules.Scene:
    """`count` tasks, the first `errors` of which raise, and two workers."""
    counts = [0] * count

    def task(index: int) -> Task:
        def call() -> int:
            counts[index] += 1
            if index < errors:
                raise Broken(index)
            return index + 1

        return call

    def judge(outcomes: schedules.Outcomes) -> str | None:
        result = outcomes["handing out"]
        if errors:
            is_right = isinstance(result, Broken) and result.args == (0,)
            return None if is_right else f"{answers.short(result)} came out, not the first exception in the list"
        if result != list(range(1, count + 1)):
            return f"the result is {answers.short(result)}"
        return None if counts == [1] * count else f"they were called {counts} times"

    out = make()
    return schedules.Scene({"handing out": lambda: out([task(index) for index in range(count)], 2)}, judge)


class _Counted:
    """A task that counts its calls. All are equal: only its place says whose value it is."""

    def __init__(self, counts: list[int], index: int, value: object) -> None:
        self._counts, self._index, self._value = counts, index, value
        self._lock = threading.Lock()

    def __call__(self) -> object:
        with self._lock:
            self._counts[self._index] += 1
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Counted)

    def __hash__(self) -> int:
        return 0

    def __deepcopy__(self, _memo: object) -> _Counted:
        return self


def _in_any_order(values: object) -> object:
    """A list sorted by how its items are written; anything else as it is."""
    return sorted(values, key=answers.short) if isinstance(values, list) else values


def _counted(case: Case, counts: list[int]) -> list[Task]:
    if case.same:
        return [_Counted(counts, 0, case.values[0])] * len(case.values)
    return [_Counted(counts, index, value) for index, value in enumerate(case.values)]


def _raising(called: list[int], error: BaseException) -> Task:
    def task() -> None:
        called.append(1)
        raise error

    return task


@contextmanager
def hasty() -> Iterator[None]:
    """Within the block each timeout of `join`, and of whatever is made of conditions, ends HASTE times sooner."""
    join, wait = threading.Thread.join, threading.Condition.wait

    def sooner(timeout: float | None) -> float | None:
        return None if timeout is None else timeout / HASTE

    def hasty_join(self: threading.Thread, timeout: float | None = None) -> None:
        join(self, sooner(timeout))

    def hasty_wait(self: threading.Condition, timeout: float | None = None) -> bool:
        return wait(self, sooner(timeout))

    threading.Thread.join, threading.Condition.wait = hasty_join, hasty_wait  # type: ignore[method-assign]
    try:
        yield
    finally:
        threading.Thread.join, threading.Condition.wait = join, wait  # type: ignore[method-assign]
