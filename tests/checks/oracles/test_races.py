"""Code that must be caught is caught each time, code that is right is never blamed: GIL off, and GIL on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.checks.oracles import free_threaded

Run = Callable[[str], Any]

TWO_BOOKINGS = """
import threading
from checks.oracles import races

lock = threading.Lock()
{book}

winners = []
for attempt in range(3):
    holder = races.ProbedDict(races.Doorway())
    calls = [lambda who=who: book(holder, who) for who in ("Ana", "Ben")]
    winners.append(sum(outcome is True for outcome in races.all_at_once(calls)))
tell(winners)
"""
UNSAFE_BOOKINGS = {
    "in": "if 'A1' in holder: return False",
    "not in": "if not ('A1' not in holder): return False",
    "get": "if holder.get('A1'): return False",
    "the KeyError": """
        try:
            holder['A1']
            return False
        except KeyError:
            pass""",
}

EVERY_SWITCH = """
import threading, itertools, time
from checks.oracles import races

class Counter:
    def __init__(self):
        self.n, self.numbers = 0, itertools.count(1)
        self.lock, self.again = threading.Lock(), threading.RLock()

    def next(self):
{body}

switches = list(races.every_switch(Counter, Counter.next, Counter.next, HERE, patience_s=0.05))
tell({{
    "switches": len(switches),
    "twice": [switch.place for switch in switches if switch.first == switch.second],
    "odd": [repr(each) for switch in switches for each in (switch.first, switch.second) if each not in (1, 2)],
}})
"""
RACES = {
    "no lock": "self.n += 1; return self.n",
    "read and written in two lines": "n = self.n + 1; self.n = n; return n",
    "a lock for each call": """
        with threading.Lock():
            self.n += 1
            return self.n""",
    "two blocks under one lock": """
        with self.lock:
            n = self.n
        with self.lock:
            self.n = n + 1
        return n + 1""",
    "read again after the block": """
        with self.lock:
            self.n += 1
        return self.n""",
    "a sleep instead of a lock": "time.sleep(0.001); self.n += 1; return self.n",
    "between two except clauses": """
        try:
            self.missing
        except ZeroDivisionError:
            pass
        except AttributeError:
            self.n += 1
        return self.n""",
    "in a helper of the same file": """
        def add(n):
            self.n = n + 1
            return n + 1
        return add(self.n)""",
}
RIGHT = {
    "one block": """
        with self.lock:
            self.n += 1
            return self.n""",
    "a reentrant lock, taken twice": """
        with self.again:
            with self.again:
                self.n += 1
                return self.n""",
    "acquire and release by hand": """
        self.lock.acquire()
        try:
            self.n += 1
            return self.n
        finally:
            self.lock.release()""",
    "one operation": "return next(self.numbers)",
    "a try for the lock, again and again": """
        while not self.lock.acquire(timeout=0.01):
            pass
        self.n += 1
        n = self.n
        self.lock.release()
        return n""",
}


@pytest.fixture(params=["GIL off", "GIL on"])
def run(request: pytest.FixtureRequest, lab_python: Path, tmp_path: Path) -> Run:
    flags = ["-X", "gil=1"] if request.param == "GIL on" else []
    return lambda program: free_threaded.run(lab_python, tmp_path, program, *flags)


def body(text: str) -> str:
    """`text` as a method's body: a single line is indented here."""
    return text if text.startswith("\n") else f"        {text}"


@pytest.mark.parametrize("look", UNSAFE_BOOKINGS)
def test_a_look_without_a_lock_lets_both_in_every_time(run: Run, look: str) -> None:
    book = f"def book(holder, who):\n{body(UNSAFE_BOOKINGS[look])}\n        holder['A1'] = who\n        return True"
    assert run(TWO_BOOKINGS.format(book=book)) == [2, 2, 2]


def test_a_look_under_the_lock_lets_one_in(run: Run) -> None:
    book = """
def book(holder, who):
    with lock:
        if 'A1' in holder:
            return False
        holder['A1'] = who
        return True
"""
    assert run(TWO_BOOKINGS.format(book=book)) == [1, 1, 1]


def test_a_doorway_counts_the_meetings_and_lets_a_lonely_one_go(run: Run) -> None:
    assert run("""
from checks.oracles import races
doorway = races.Doorway(patience_s=0.01)
doorway.wait_for_another()
alone = doorway.overlaps
races.all_at_once([races.Doorway.wait_for_another.__get__(patient := races.Doorway(patience_s=20))] * 4)
tell([alone, patient.overlaps])
""") == [0, 2]


def test_a_probed_dict_is_a_dict_otherwise(run: Run) -> None:
    assert run("""
from checks.oracles import races
probed = races.ProbedDict(races.Doorway(patience_s=0))
probed["a"] = 1
try:
    probed["b"]
except KeyError as error:
    missing = error.args[0]
tell([probed["a"], probed.get("b", 2), "a" in probed, "b" in probed, missing, probed == {"a": 1}])
""") == [1, 2, True, False, "b", True]


@pytest.mark.parametrize("name", RACES)
def test_a_switch_in_the_wrong_place_gives_a_number_twice(run: Run, name: str) -> None:
    told = run(EVERY_SWITCH.format(body=body(RACES[name])))
    assert told["twice"]
    assert all(place.startswith(("line ", "in next")) for place in told["twice"])


@pytest.mark.parametrize("name", RIGHT)
def test_right_code_gives_each_number_once_wherever_it_is_switched(run: Run, name: str) -> None:
    told = run(EVERY_SWITCH.format(body=body(RIGHT[name])))
    assert told["switches"] > 2
    assert (told["twice"], told["odd"]) == ([], [])


def test_a_switch_names_the_line_that_was_stopped(run: Run) -> None:
    told = run(EVERY_SWITCH.format(body=body("n = self.n\n        self.n = n + 1\n        return n + 1")))
    assert {place.partition(": ")[2] for place in told["twice"]} == {"`self.n = n + 1`"}


def test_code_elsewhere_is_not_stopped_and_a_loop_ends(run: Run) -> None:
    assert run("""
import json
from checks.oracles import races
elsewhere = list(races.every_switch(dict, json.dumps, json.dumps, HERE))
def long(seen):
    for turn in range(10_000):
        seen[turn] = turn
loop = sum(1 for switch in races.every_switch(dict, long, len, HERE))
tell([len(elsewhere), loop == races.MOST_SWITCHES])
""") == [0, True]


def test_exceptions_of_either_call_are_outcomes(run: Run) -> None:
    assert run("""
from checks.oracles import races
def fails(seen):
    seen["x"] = 1
    raise ValueError("first")
def leaves(seen):
    raise SystemExit("second")
switches = list(races.every_switch(dict, fails, leaves, HERE))
tell([sorted({repr(each.first) for each in switches}), sorted({repr(each.second) for each in switches})])
""") == [["ValueError('first')"], ["SystemExit('second')"]]


def test_all_at_once_brings_values_exceptions_and_those_that_never_end_in_order(run: Run) -> None:
    assert run("""
import os, sys, threading
from checks.oracles import races
forever = threading.Event().wait
before = sys.getswitchinterval()
outcomes = races.all_at_once([lambda: 1, lambda: 1 / 0, forever, lambda: sys.exit(3), lambda: None], limit_s=0.2)
tell([[repr(each) for each in outcomes], sys.getswitchinterval() == before])
sys.stdout.flush()
os._exit(0)
""") == [
        ["1", "ZeroDivisionError('division by zero')", "TimeoutError('no end after 0.2 s')", "SystemExit(3)", "None"],
        True,
    ]
