"""What lab 02 proves: values in order, at the same time, within the limit, no exception lost, nothing left running."""

from __future__ import annotations

import random

from checks.exercise import Exercise
from checks.oracles import schedules
from checks.oracles.handing_out import Broken, Case, Hands, in_every_order
from checks.suite import Found, check
from foundation import cores


def hands(exercise: Exercise) -> Hands:
    """The attendee's `run_all`, to be judged."""
    return Hands(exercise.function("run_all"), "`run_all`")


@check("values", "Each task is called once, and its value is in the list")
def values(exercise: Exercise) -> str:
    """The list holds what each task returned, whatever that is: None, an exception, the same as another's. Try no task
    at all, one task, the same task twice, and more workers than tasks.
    """
    returned = ValueError("returned, not raised")
    mixed = [random.choice([None, 0, "", returned, index * 7 + 1]) for index in range(23)]
    hands(exercise).each_once(
        [
            *(Case(mixed[:count], workers) for count, workers in ((1, 1), (23, 1), (23, 3), (2, 7), (0, 3))),
            Case([returned] * 2, 2),
            Case(["again"] * 5, 2, same=True),
        ]
    )
    return "0, 1, 2, 5 and 23 tasks, by 1, 2, 3 and 7 workers"


@check("together", "Tasks run at the same time", requires=["values"])
def together(exercise: Exercise) -> Found:
    """Start all tasks before you wait for any of them: `pool.submit` gives a future, `.result()` waits for it."""
    return hands(exercise).together(workers=cores.usable() + 3)  # a limit of the machine's own would be seen


@check("within_limit", "Never more tasks at the same time than `workers`", requires=["together"])
def within_limit(exercise: Exercise) -> str:
    """`workers` is a limit: a pool takes it as its first argument, and a thread takes the next task when it is free."""
    return hands(exercise).within_limit(2, 1)


@check("order", "Results come in the order of the tasks, whichever ends first", requires=["together"])
def order(exercise: Exercise) -> str:
    """Keep the futures in a list and ask them in the order of the tasks: `as_completed` and `append` go by time."""
    return hands(exercise).in_order(8)


@check("error_surfaces", "A task's exception comes out of `run_all`, whichever it is", requires=["together"])
def error_surfaces(exercise: Exercise) -> str:
    """A future keeps the task's exception until somebody asks for `.result()`. A bare thread prints it and forgets.
    `except Exception` lets SystemExit and KeyboardInterrupt through: in a thread they are lost.
    """
    return hands(exercise).error_surfaces(Broken("task"), SystemExit("task"), KeyboardInterrupt("task"))


@check("first_error", "Of several exceptions the first in the list comes out", requires=["error_surfaces"])
def first_error(exercise: Exercise) -> str:
    """Ask the futures for their results in the order of the tasks; the first that raises decides. With threads of your
    own, keep each exception with the number of its task.
    """
    return hands(exercise).first_error()


@check("nothing_left", "Nothing runs any more when `run_all` comes back", requires=["error_surfaces"])
def nothing_left(exercise: Exercise) -> str:
    """Wait for the other tasks before the exception leaves, and end the threads: `with` does both for a pool. A `join`
    with a timeout comes back although the thread still runs.
    """
    judged = hands(exercise)
    judged.ends_its_threads(
        cores.usable() + 9
    )  # as no other check does: a pool that is kept must start its threads here
    judged.nothing_left(after_error=False)
    judged.nothing_left(after_error=True)
    return "no task and no thread, after a result and after an exception"


@check("nested", "A task may call `run_all` itself", requires=["nothing_left"], limit_s=8)
def nested(exercise: Exercise) -> str:
    """Each call has threads, results and locks of its own: keep them in the function, not in globals. A pool that all
    calls share waits for itself when a task needs it.
    """
    return hands(exercise).nested()


@check("every_order", "It holds in every order of the threads", requires=["nothing_left"], limit_s=30)
def every_order(exercise: Exercise) -> str:
    """Two threads that read a counter before one of them has written it take the same task. Whatever threads share and
    change needs a lock, or a queue, from reading to writing.
    """
    program = schedules.Program(exercise.path)
    return in_every_order(lambda: program.module().run_all, "`run_all`")
