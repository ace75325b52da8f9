"""What an exploration says of itself: how far it came, what failed, and where it stops."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.oracles import schedules
from checks.oracles.schedules import Exploration, Outcomes, Program, Scene

RACY = """
class Counter:
    n = 0
    def __init__(self): self.m = 0
    def step(self):
        self.m += 1
        return self.m
"""

Explore = Callable[..., Exploration]


@pytest.fixture
def explore(tmp_path: Path) -> Explore:
    """Explores a source whose `one` and `two` are called by Ana and Ben."""

    def run(source: str, judge: Callable[[Outcomes], str | None] | None = None, **options: object) -> Exploration:
        file = tmp_path / "program.py"
        file.write_text(source)
        program = Program(file)

        def make() -> Scene:
            module = program.module()
            calls = {"Ana": module.one, "Ben": module.two}
            return Scene(calls, judge) if judge else Scene(calls)

        return schedules.explore(make, **options)  # type: ignore[arg-type]

    return run


LOST_UPDATE = "n = 0\ndef one():\n    global n\n    n += 1\n    return n\ntwo = one"


def test_it_says_that_all_orders_were_tried(explore: Explore) -> None:
    found = explore(LOST_UPDATE)
    assert found.is_everything
    assert str(found) == f"all orders, by {found.schedules} schedules"


def test_it_says_how_many_switches_were_tried_where_the_budget_ended(explore: Explore) -> None:
    long = "n = 0\ndef one():\n    global n\n    for _ in range(6): n += 1\ntwo = one"
    found = explore(long, further=0, switches=1)
    assert not found.is_everything
    assert found.completed == 1
    assert str(found) == f"all orders with up to 1 switch, by {found.schedules} schedules"
    assert explore(long, most=1).completed == -1
    assert "not yet all of those without a switch" in str(explore(long, most=1))


def test_more_switches_are_tried_as_long_as_few_schedules_were(explore: Explore) -> None:
    long = "n = 0\ndef one():\n    global n\n    for _ in range(2): n += 1\ntwo = one"
    few, more = explore(long, further=0, switches=1), explore(long, further=200, switches=1)
    assert few.schedules < more.schedules
    assert more.completed > few.completed


def test_time_ends_it_too(explore: Explore) -> None:
    found = explore(LOST_UPDATE, budget_s=0)
    assert (found.schedules, found.completed) == (0, -1)


def test_a_promise_is_broken_in_words_or_by_an_assertion(explore: Explore) -> None:
    def says(outcomes: Outcomes) -> str | None:
        return "twice the same" if outcomes["Ana"] == outcomes["Ben"] else None

    def asserts(outcomes: Outcomes) -> None:
        assert outcomes["Ana"] != outcomes["Ben"], "twice the same"

    for judge in (says, asserts):
        failure = explore(LOST_UPDATE, judge).failure
        assert failure
        assert (failure.kind, failure.what.splitlines()[0]) == ("broken promise", "twice the same")


def test_without_a_promise_an_exception_is_a_failure(explore: Explore) -> None:
    failure = explore("n = [1]\ndef one(): return n.pop()\ntwo = one").failure
    assert failure
    assert failure.what == "Ben ended by IndexError: pop from empty list"


def test_an_exception_that_a_thread_loses_is_a_failure_too(explore: Explore) -> None:
    source = """
from threading import Thread
def one():
    thread = Thread(target=lambda: 1 / 0, name="worker")
    thread.start()
    thread.join()
two = int
"""
    failure = explore(source).failure
    assert failure
    assert failure.what == "worker ended by ZeroDivisionError: division by zero"


def test_what_the_making_of_the_scene_raises_is_told(explore: Explore) -> None:
    failure = explore("one = two = int\nraise LookupError('no seats')").failure
    assert failure
    assert (failure.kind, failure.what) == ("exception", "LookupError: no seats")
    assert isinstance(failure.error, LookupError)


def test_a_loop_without_an_end_is_one(explore: Explore) -> None:
    failure = explore("go = [1]\ndef one():\n    while go: pass\ntwo = int").failure
    assert failure
    assert failure.kind == "endless"


def test_who_spins_lets_the_other_one_go(explore: Explore) -> None:
    found = explore("go = [1]\ndef one():\n    while go: pass\ndef two(): go.clear()", switches=0, further=0)
    assert found.failure is None


def test_who_polls_by_the_clock_gets_on(explore: Explore) -> None:
    source = """
import time
def one():
    end = time.monotonic() + 1
    while time.monotonic() < end:
        time.sleep(0.1)
two = int
"""
    assert explore(source).is_everything


def test_hours_of_sleep_take_no_time(explore: Explore) -> None:
    began = time.monotonic()
    found = explore("from time import sleep\ndef one(): sleep(36_000)\ntwo = one")
    assert found.failure is None
    assert time.monotonic() - began < 60


def test_a_sleep_is_no_lock(explore: Explore) -> None:
    source = (
        "from time import sleep\nn = []\ndef one(): n.append('Ana')\ndef two():\n    sleep(1)\n    return n == ['Ana']"
    )
    failure = explore(source, lambda outcomes: None if outcomes["Ben"] else "Ben was first").failure
    assert failure
    assert failure.what == "Ben was first"


def test_a_deadlock_says_who_holds_what_and_who_waits_for_what(explore: Explore) -> None:
    failure = explore(
        "from threading import Lock\nleft, right = Lock(), Lock()\n"
        "def one():\n    with left:\n        with right: pass\n"
        "def two():\n    with right:\n        with left: pass\n"
    ).failure
    assert failure
    assert [(each.thread, each.holds, each.waits_for, each.held_by) for each in failure.blocked] == [
        ("Ana", ("left",), "right", "Ben"),
        ("Ben", ("right",), "left", "Ana"),
    ]
    assert failure.what.startswith(
        "deadlock: Ana holds left and waits at `with right: pass` for right, which Ben holds"
    )


def test_a_failure_shows_the_lines_of_both_threads_in_their_order(explore: Explore) -> None:
    source = "class C: n = 0\ndef one(c=C()):\n    n = c.n\n    c.n = n + 1\n    return n\ntwo = one"
    failure = explore(source, lambda outcomes: "same" if outcomes["Ana"] == outcomes["Ben"] else None).failure
    assert failure
    assert failure.switches == 1
    assert [(each.thread, each.text) for each in failure.steps] == [
        ("Ana", "n = c.n"),
        ("Ben", "n = c.n"),
        ("Ben", "c.n = n + 1"),
        ("Ana", "c.n = n + 1"),
    ]


def test_a_program_that_goes_another_way_each_time_is_noticed(explore: Explore) -> None:
    source = """
import os
seen = []
def one():
    for _ in range(os.urandom(1)[0]):
        seen.append(1)
two = one
"""
    found = explore(source)
    assert found.failure is None
    assert found.diverged
    assert not found.is_everything


def test_what_waits_for_something_real_is_not_under_control(explore: Explore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checks.oracles.schedules.control.STUCK_S", 0.1)
    source = "import subprocess\ndef one(): subprocess.run(['sleep', '1'])\ntwo = int"
    failure = explore(source).failure
    assert failure
    assert failure.kind == "not under control"


def test_a_thread_that_swallows_everything_does_not_stop_the_next_run(explore: Explore) -> None:
    stubborn = (
        "from threading import Thread\nimport queue\nq = queue.Queue()\n"
        "def stay():\n    while True:\n        try: q.get()\n        except BaseException: pass\n"
        "def one(): Thread(target=stay, daemon=True).start()\ntwo = int"
    )
    assert explore(stubborn, most=3).failure is None
    assert explore(LOST_UPDATE).is_everything
