"""Each promise of whoever hands out work: kept by a pool, broken by one way for each, and that way is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import pytest

from checks.oracles import schedules
from checks.oracles.handing_out import Broken, Case, Gate, Hands, Task, hasty, in_every_order
from checks.suite import Failed

CASES = [Case([1, 2, 3], 2), Case([], 2), Case([ValueError("a value")] * 2, 3), Case(["twice"] * 4, 2, same=True)]


def pool(tasks: Sequence[Task], workers: int) -> list[Any]:
    with ThreadPoolExecutor(workers) as threads:
        return [future.result() for future in [threads.submit(task) for task in tasks]]


def one_by_one(tasks: Sequence[Task], _workers: int) -> list[Any]:
    return [task() for task in tasks]


def by_task(tasks: Sequence[Task], workers: int) -> list[Any]:
    results = dict(zip(tasks, pool(tasks, workers), strict=True))
    return [results[task] for task in tasks]


def twice(tasks: Sequence[Task], workers: int) -> list[Any]:
    pool(tasks, workers)
    return pool(tasks, workers)


def one_more(tasks: Sequence[Task], workers: int) -> list[Any]:
    return pool(tasks, workers + 1)


def as_they_end(tasks: Sequence[Task], workers: int) -> list[Any]:
    with ThreadPoolExecutor(workers) as threads:
        return [future.result() for future in as_completed([threads.submit(task) for task in tasks])]


def stubborn(tasks: Sequence[Task], workers: int) -> list[Any]:
    def again(task: Task) -> Any:
        try:
            return task()
        except Exception:  # noqa: BLE001
            return task()

    return pool([lambda task=task: again(task) for task in tasks], workers)  # type: ignore[misc]


def gives_up_after_a_minute(tasks: Sequence[Task], workers: int) -> list[Any]:
    results: list[Any] = [None] * len(tasks)

    def work(first: int) -> None:
        for index in range(first, len(tasks), workers):
            results[index] = tasks[index]()

    threads = [threading.Thread(target=work, args=[number], daemon=True) for number in range(workers)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    return results


def leaves(tasks: Sequence[Task], workers: int) -> list[Any]:
    threads = ThreadPoolExecutor(workers)
    results = [future.result() for future in [threads.submit(task) for task in tasks]]
    threads.shutdown(wait=False)
    return results


def last_error(tasks: Sequence[Task], workers: int) -> list[Any]:
    errors: list[BaseException] = []

    def kept(task: Task) -> Any:
        try:
            return task()
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    results = pool([lambda task=task: kept(task) for task in tasks], workers)  # type: ignore[misc]
    if errors:
        raise errors[-1]
    return results


def judge_all(hands: Hands) -> None:
    hands.each_once(CASES)
    hands.together(3)
    hands.within_limit(2, 1)
    hands.in_order(4)
    hands.error_surfaces(Broken("a"), SystemExit("b"))
    hands.first_error()
    hands.ends_its_threads(4)
    hands.nothing_left(after_error=False)
    hands.nothing_left(after_error=True)
    hands.nested()


def test_a_pool_keeps_every_promise() -> None:
    judge_all(Hands(pool, "`run_all`"))


@pytest.mark.parametrize(
    ("out", "asked", "found"),
    [
        (one_by_one, lambda hands: hands.together(2), "at most 1 of the tasks at the same time"),
        (
            by_task,
            lambda hands: hands.each_once([Case([1, 2], 2)]),
            "item 0 of the result for 2 tasks and 2 workers is 2",
        ),
        (twice, lambda hands: hands.each_once(CASES), "item 0 of how often each of 3 tasks was called is 2"),
        (one_more, lambda hands: hands.within_limit(2), "3 tasks were under way at the same time with `workers` = 2"),
        (as_they_end, lambda hands: hands.in_order(3), "item 0 of the result of tasks that end in reverse order is 2"),
        (stubborn, lambda hands: hands.error_surfaces(Broken()), "what raised was called 2 times"),
        (as_they_end, lambda hands: hands.first_error(), "the exception that came out is 'first in time'"),
        (last_error, lambda hands: hands.first_error(), "the exception that came out is 'last in time'"),
        (
            gives_up_after_a_minute,
            lambda hands: hands.nothing_left(after_error=False),
            "`run_all` returned while others of the tasks were under way",
        ),
        (
            leaves,
            lambda hands: hands.nothing_left(after_error=True),
            "`run_all`, ended by an exception, left ThreadPoolExecutor",
        ),
    ],
)
def test_a_promise_that_is_not_kept_is_told(
    out: Callable[[Sequence[Task], int], Any], asked: Callable[[Hands], object], found: str
) -> None:
    with pytest.raises(Failed) as raised:
        asked(Hands(out, "`run_all`"))
    assert raised.value.found.startswith(found)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_exit_in_a_thread_of_ones_own_is_missed() -> None:
    with pytest.raises(Failed) as raised:
        Hands(gives_up_after_a_minute, "`run_all`").error_surfaces(SystemExit("gone"))
    assert raised.value.found.startswith("`run_all`, SystemExit in number 0 of 9 tasks, raised nothing")


def test_timeouts_are_shorter_inside_and_as_ever_after_it() -> None:
    join, wait = threading.Thread.join, threading.Condition.wait
    gate = Gate()
    waits = threading.Thread(target=lambda: gate.wait(60))
    waits.start()
    with hasty():
        waits.join(10)
        assert threading.Event().wait(10) is False
        assert waits.is_alive()
    gate.open()
    waits.join()
    assert (threading.Thread.join, threading.Condition.wait) == (join, wait)


RUN_ALL = """
import threading

def run_all(tasks, workers):
    values, numbers, lock = {}, list(range(len(tasks))), threading.Lock()
    errors = {}
    def work():
        while True:
            HEAD
            try:
                values[index] = tasks[index]()
            except BaseException as error:
                errors[index] = error
    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[min(errors)]
    return [values[index] for index in range(len(tasks))]
"""
TAKES = """with lock:
                if not numbers:
                    return
                index = numbers.pop(0)"""
READS_FIRST = """if not numbers:
                return
            index = numbers[0]
            numbers[:] = [each for each in numbers if each != index]"""


def in_orders(tmp_path: Path, head: str) -> str:
    file = tmp_path / "exercise.py"
    file.write_text(RUN_ALL.replace("HEAD", head))
    program = schedules.Program(file)
    return in_every_order(lambda: program.module().run_all, "`run_all`")


def test_whoever_takes_tasks_under_a_lock_is_right_in_every_order(tmp_path: Path) -> None:
    assert in_orders(tmp_path, TAKES).startswith("all orders")


def test_whoever_reads_before_the_other_has_written_is_wrong_in_one_order(tmp_path: Path) -> None:
    with pytest.raises(Failed) as raised:
        in_orders(tmp_path, READS_FIRST)
    assert raised.value.found.startswith("`run_all` with 3 tasks and 2 workers: they were called ")
    assert raised.value.found.endswith(" times, in one order of the threads")
