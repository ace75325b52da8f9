"""What lab 02 proves: values in order, at the same time, within the limit, no exception lost, nothing left running."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

from checks.exercise import Exercise
from checks.oracles import answers, parallelism
from checks.suite import Failed, Found, check

WORKERS = 4
PATIENCE_S = 5.0  # for what a right answer lets happen
GRACE_S = 0.5  # for what a right answer never lets happen: each check waits that long for it

Task = Callable[[], Any]


class Broken(Exception):  # noqa: N818 - not an error of ours
    """What a task of these checks raises."""


@check("values", "Each task is called once, and its value is in the list")
def values(exercise: Exercise) -> str:
    """The list holds what each task returned, once. Try no task at all, one task, and more workers than tasks."""
    run_all = exercise.function("run_all")
    for count, workers in ((1, 1), (23, 1), (23, 3), (2, 7), (0, 3)):
        called: list[int] = []
        expected: list[Any] = [random.choice([None, 0, "", index * 7 + 1]) for index in range(count)]
        tasks = [noting(called, index, value) for index, value in enumerate(expected)]
        what = f"the result for {count} tasks and {workers} workers"
        with answers.left_alone(tasks, what="the list of tasks"):
            answers.same(in_any_order(run_all(tasks, workers)), in_any_order(expected), what)
        answers.same(sorted(called), list(range(count)), f"which of {count} tasks were called, sorted,")
    return "0, 1, 2 and 23 tasks, by 1, 3 and 7 workers"


def in_any_order(values: object) -> object:
    """A list sorted by how its items are written; anything else as it is."""
    return sorted(values, key=answers.short) if isinstance(values, list) else values


def noting(called: list[int], index: int, value: object) -> Task:
    """A task that notes its call and returns `value`."""

    def task() -> object:
        called.append(index)
        return value

    return task


@check("together", "Tasks run at the same time", requires=["values"])
def together(exercise: Exercise) -> Found:
    """Start all tasks before you wait for any of them: `pool.submit` gives a future, `.result()` waits for it."""
    meeting = parallelism.Rendezvous(WORKERS)
    exercise.function("run_all")([meeting.meet] * (2 * WORKERS), WORKERS)
    return Found(meeting.require_met("tasks"), meeting.trace.details())


@check("within_limit", "Never more tasks at the same time than `workers`", requires=["together"])
def within_limit(exercise: Exercise) -> str:
    """`workers` is a limit: a pool takes it as its first argument, and a thread takes the next task when it is free."""
    meeting = parallelism.Rendezvous(3, patience_s=GRACE_S)
    exercise.function("run_all")([meeting.meet] * 12, 2)
    if meeting.most_at_once > 2:
        raise Failed(
            "3 tasks ran at the same time with 2 workers",
            expected="2 at most, however many tasks there are",
            details=meeting.trace.details(),
        )
    return "12 tasks, 2 workers: never 3 at once"


@check("order", "Results come in the order of the tasks, whichever ends first", requires=["together"])
def order(exercise: Exercise) -> str:
    """Keep the futures in a list and ask them in the order of the tasks: `as_completed` and `append` go by time."""
    count = 8
    ended = [threading.Event() for _ in range(count + 1)]
    ended[count].set()

    def task(index: int) -> Task:
        def wait_for_the_next() -> int:
            ended[index + 1].wait(PATIENCE_S)
            ended[index].set()
            return index

        return wait_for_the_next

    result = exercise.function("run_all")([task(index) for index in range(count)], count)
    answers.same(result, list(range(count)), "the result of tasks that end in reverse order")
    return f"{count} tasks that ended last to first: results first to last"


@check("error_surfaces", "A task's exception comes out of `run_all`", requires=["together"])
def error_surfaces(exercise: Exercise) -> str:
    """A future keeps the task's exception until somebody asks for `.result()`. A bare thread prints it and forgets."""
    broken = Broken("task 5")

    def task(index: int) -> Task:
        def work() -> int:
            if index == 5:
                raise broken
            return index

        return work

    run_all = exercise.function("run_all")
    surfaced = answers.raises(Broken, lambda: run_all([task(index) for index in range(9)], 3), "`run_all`")
    if surfaced is not broken:
        raise Failed("another exception of the same kind came out", expected="the very exception that the task raised")
    return "the exception of task 5 came out"


@check("first_error", "Of several exceptions the first in the list comes out", requires=["error_surfaces"])
def first_error(exercise: Exercise) -> str:
    """Ask the futures for their results in the order of the tasks; the first that raises decides."""
    later_one_is_known = threading.Event()

    def fails_late() -> None:
        later_one_is_known.wait(GRACE_S)
        raise Broken("first in the list")

    def fails_at_once() -> None:
        raise Broken("first in time")

    # two workers: the third task begins when the thread of the second has done with its exception
    tasks: list[Task] = [fails_late, fails_at_once, later_one_is_known.set]
    run_all = exercise.function("run_all")
    surfaced = answers.raises(Broken, lambda: run_all(tasks, 2), "`run_all` with two broken tasks")
    answers.same(str(surfaced), "first in the list", "the exception that came out")
    return "tasks 0 and 1 failed, 1 before 0: the exception of task 0 came out"


@check("nothing_left", "Nothing runs any more when `run_all` comes back", requires=["error_surfaces"])
def nothing_left(exercise: Exercise) -> str:
    """Wait for the other tasks before the exception leaves, and end the threads: `with` does both for a pool."""
    run_all = exercise.function("run_all")
    with answers.no_thread_left("`run_all`"):
        run_all([int] * 10, 5)  # no other check asks for 5: a pool that is kept must start its threads here
    came_back, other_began, other_ended = threading.Event(), threading.Event(), threading.Event()

    def fails() -> None:
        other_began.wait(PATIENCE_S)
        raise Broken

    def goes_on() -> None:
        other_began.set()
        came_back.wait(GRACE_S)
        other_ended.set()

    with answers.no_thread_left("`run_all`, ended by an exception,"):
        answers.raises(Broken, lambda: run_all([fails, goes_on], 2), "`run_all`")
        still_running = not other_ended.is_set()
        came_back.set()
    if still_running:
        raise Failed("`run_all` raised while another task was still running", expected="every task ended by then")
    return "no task and no thread, after a result and after an exception"
