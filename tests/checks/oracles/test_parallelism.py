"""A Rendezvous tells concurrent code from code that takes turns, without a clock; a Trace keeps who worked when."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.oracles.parallelism import Rendezvous, Span, Trace
from checks.suite import Failed
from tests.checks.oracles import free_threaded

Run = Callable[[str], Any]

MEETING = """
import queue, threading, time
from concurrent.futures import ThreadPoolExecutor
from checks.oracles.parallelism import Rendezvous
from checks.suite import Failed

lock = threading.Lock()
{code}

meeting = Rendezvous(3, patience_s={patience_s})
began = time.monotonic()
run_all([lambda name=name: meeting.meet(name) for name in "abcdefgh"])
took_s = time.monotonic() - began
try:
    found = meeting.require_met("tasks")
except Failed as failed:
    found = f"{{failed.found}} / {{failed.expected}}"
tell([found, meeting.most_at_once, took_s, meeting.trace.details()["timeline"]])
"""
TOGETHER = {
    "a pool": """
def run_all(tasks):
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda task: task(), tasks))""",
    "a thread each": """
def run_all(tasks):
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads: thread.start()
    for thread in threads: thread.join()""",
    "two threads and the caller": """
def run_all(tasks):
    def work():
        while tasks:
            with lock:
                task = tasks.pop() if tasks else lambda: None
            task()
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads: thread.start()
    work()
    for thread in threads: thread.join()""",
}
IN_TURNS = {
    "a loop": "def run_all(tasks): [task() for task in tasks]",
    "waits for each": """
def run_all(tasks):
    with ThreadPoolExecutor(3) as pool:
        for task in tasks: pool.submit(task).result()""",
    "one lock": """
def run_all(tasks):
    def locked(task):
        with lock: task()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(locked, tasks))""",
}
LONG_S = 30.0  # of patience that must not be needed


@pytest.fixture
def run(lab_python: Path, tmp_path: Path) -> Run:
    return lambda program: free_threaded.run(lab_python, tmp_path, program)


@pytest.mark.parametrize("name", TOGETHER)
def test_concurrent_work_meets_and_nobody_waits_for_patience_to_end(run: Run, name: str) -> None:
    found, most, took_s, bars = run(MEETING.format(code=TOGETHER[name], patience_s=LONG_S))
    assert found == "3 tasks at the same time, each on its own thread"
    assert most >= 3
    assert took_s < LONG_S
    assert sorted(bar[1] for bar in bars) == list("abcdefgh")


@pytest.mark.parametrize("name", IN_TURNS)
def test_work_in_turns_fails_and_costs_one_patience_for_all_tasks(run: Run, name: str) -> None:
    patience_s = 1.0
    found, most, took_s, bars = run(MEETING.format(code=IN_TURNS[name], patience_s=patience_s))
    assert found.startswith("at most 1 of the tasks at the same time / 3 at the same time")
    assert most == 1
    assert patience_s <= took_s < 3 * patience_s  # eight would be eight
    assert len(bars) == 8


def test_work_that_never_came_is_called_by_its_name() -> None:
    with pytest.raises(Failed) as failed:
        Rendezvous(2).require_met("downloads")
    assert failed.value.found == "no downloads were worked on at all"


def test_one_thread_that_comes_twice_is_one_party() -> None:
    meeting = Rendezvous(2, patience_s=0.01)
    meeting.meet()
    meeting.meet()
    assert meeting.most_at_once == 1


def test_lanes_are_numbered_in_the_order_of_their_first_work() -> None:
    trace = Trace(spans=[Span("late", 11, 2.0, 3.0), Span("early", 99, 0.0, 1.0), Span("again", 11, 4.0, 5.0)])
    assert trace.details()["timeline"] == [[0, "early", 0.0, 1.0], [1, "late", 2.0, 3.0], [1, "again", 4.0, 5.0]]


def test_no_span_is_lost_when_many_threads_add(run: Run) -> None:
    assert (
        run("""
from checks.oracles import parallelism, races
trace = parallelism.Trace()
def add():
    for _ in range(2_000):
        trace.add("x", trace.now_s())
races.all_at_once([add] * 4)
tell(len(trace.spans))
""")
        == 8_000
    )
