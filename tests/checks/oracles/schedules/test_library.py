"""What the controlled modules do for one thread, and for threads whose order is fixed, is what the real ones do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from checks.oracles import schedules
from checks.oracles.schedules import Outcomes, Program, Scene

HEAD = """
import collections, concurrent.futures, functools, itertools, queue, threading, time
from concurrent.futures import ThreadPoolExecutor, wait, as_completed, Future, FIRST_COMPLETED
from threading import Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore, Thread, Timer

def raised(call, *args, **kwargs):
    try:
        return call(*args, **kwargs)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
"""
SAME = {
    "lock": "lock = Lock(); return [lock.acquire(), lock.locked(), lock.acquire(False), lock.acquire(timeout=0.001), "
    "lock.release(), lock.locked(), raised(lock.release), raised(lock.acquire, False, 1)]",
    "with lock": "lock = Lock()\n    with lock as got: return [got, lock.locked()]",
    "rlock": "lock = RLock(); return [lock.acquire(), lock.acquire(), lock.release(), lock.release(), raised(lock.release)]",
    "event": "event = Event(); return [event.is_set(), event.wait(0.001), event.set(), event.wait(), event.is_set(), "
    "event.clear(), event.is_set()]",
    "semaphore": "s = Semaphore(2); return [s.acquire(), s.acquire(), s.acquire(False), s.acquire(timeout=0.001), "
    "s.release(2), s.acquire(), s.acquire(), s.acquire(blocking=False), raised(s.release, 0), raised(Semaphore, -1)]",
    "bounded semaphore": "s = BoundedSemaphore(1); return [s.acquire(), s.release(), raised(s.release)]",
    "condition": "c = Condition()\n    with c: return [c.wait(0.001), c.wait_for(lambda: 7), c.notify(), c.notify_all()]",
    "condition without its lock": "c = Condition(); return [raised(c.wait), raised(c.notify)]",
    "barrier": "b = Barrier(1); return [b.wait(), b.parties, b.n_waiting, b.broken, b.abort(), b.broken, raised(b.wait)]",
    "queue": "q = queue.Queue(2); return [q.put(1), q.put(2), raised(q.put, 3, False), raised(q.put, 3, timeout=0.001), "
    "q.full(), q.get(), q.qsize(), q.get_nowait(), raised(q.get_nowait), raised(q.get, timeout=0.001), q.empty(), "
    "q.task_done(), q.task_done(), q.join(), raised(q.task_done), raised(q.get, True, -1)]",
    "other queues": "found = []\n    for kind in (queue.LifoQueue, queue.PriorityQueue, queue.SimpleQueue):\n"
    "        q = kind()\n        for each in (2, 1, 3): q.put(each)\n        found += [q.get(), q.get(), q.get(), q.empty()]\n"
    "    return found",
    "thread": "seen = []; t = Thread(target=seen.append, args=(1,), name='t', daemon=True)\n"
    "    before = [t.is_alive(), t.ident, t.daemon, t.name, raised(t.join)]\n    t.start(); t.join()\n"
    "    return [*before, seen, t.is_alive(), raised(t.start), t.join(0.001)]",
    "a class of threads": "class T(Thread):\n        def run(self): self.got = threading.current_thread() is self\n"
    "    t = T(); t.start(); t.join(); return t.got",
    "a local": "own = threading.local(); own.x = 1; seen = []\n"
    "    t = Thread(target=lambda: seen.append(hasattr(own, 'x'))); t.start(); t.join(); return [seen, own.x]",
    "timer": "seen = []; a, b = Timer(0.001, seen.append, [1]), Timer(1, seen.append, [2])\n"
    "    a.start(); b.start(); b.cancel(); a.join(); b.join(); return seen",
    "map": "with ThreadPoolExecutor(2) as pool: return list(pool.map(lambda a, b: a + b, [1, 2, 3], [10, 20, 30]))",
    "submit": "with ThreadPoolExecutor() as pool:\n        f = pool.submit(int, 'x'); g = pool.submit(pow, 2, exp=3)\n"
    "    return [raised(f.result), type(f.exception()), g.result(), g.done(), g.cancel(), raised(pool.submit, int)]",
    "wait for futures": "with ThreadPoolExecutor(2) as pool:\n        fs = [pool.submit(abs, -n) for n in range(3)]\n"
    "        done, rest = wait(fs)\n        return [len(done), len(rest), sorted(f.result() for f in as_completed(fs))]",
    "a future by hand": "f = Future(); seen = []; f.add_done_callback(lambda f: seen.append(f.result()))\n"
    "    return [f.done(), raised(f.result, 0.001), f.set_running_or_notify_cancel(), f.running(), f.set_result(4), seen, "
    "f.result(), f.exception()]",
    "a cancelled future": "f = Future(); return [f.cancel(), f.cancelled(), type(raised(f.result))]",
    "an exception in a pool": "with ThreadPoolExecutor(1) as pool: return raised(lambda: list(pool.map(int, ['1', 'x'])))",
}


def run_plainly(file: Path) -> Any:
    names: dict[str, Any] = {"__name__": "plain"}
    exec(compile(file.read_text(), str(file), "exec"), names)
    return names["run"]()


def run_under_control(file: Path) -> Any:
    program, seen = Program(file), []

    def judge(outcomes: Outcomes) -> None:
        if isinstance(outcome := outcomes["Ana"], BaseException):
            raise outcome
        seen.append(outcome)

    found = schedules.explore(lambda: Scene({"Ana": program.module().run}, judge), most=1)
    if found.failure:
        assert found.failure.error, found.failure
        raise found.failure.error
    return seen[0]


@pytest.mark.parametrize("name", SAME)
def test_it_does_the_same(name: str, tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(f"{HEAD}\ndef run():\n    {SAME[name]}\n")
    assert run_under_control(file) == run_plainly(file)


def test_the_real_modules_stay_as_they_are(tmp_path: Path) -> None:
    import queue
    import threading

    before = (threading.Lock, threading.Thread, queue.Queue)
    test_it_does_the_same("thread", tmp_path)
    assert (threading.Lock, threading.Thread, queue.Queue) == before
