"""What threads gain on pure Python: `python -I threads.py 2 8` measures two threads and eight, one line of JSON.

Runs of one thread and of several alternate, so that what else the machine does falls on both; the best of each is
compared: noise only makes a run longer. Where little gain shows, it goes on for a while: other work may end.
The work touches no object of another thread.
"""

import json
import sys
import threading
import time
from collections.abc import Callable

ROUNDS = 5
PATIENCE_S = 0.6
CLEAR_GAIN = 1.5
PIECE_S = 0.025  # a thread starts in 0.1 ms; the whole stays under a second


def count(steps: int) -> int:
    """The work of one piece."""
    total = 0
    for step in range(steps):
        total += step & 3
    return total


def timed(work: Callable[[], object]) -> float:
    """How many seconds `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def steps_for(seconds: float) -> int:
    """How many steps take about `seconds` here."""
    best = min(timed(lambda: count(50_000)) for _ in range(3))
    return max(10_000, int(50_000 * seconds / best))


def at_once(threads: int, steps: int) -> None:
    """One piece in each of `threads` threads."""
    running = [threading.Thread(target=count, args=(steps,)) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def gain(threads: int) -> float:
    """How many times as much `threads` threads get done as one, in the same time."""
    steps = steps_for(PIECE_S)
    best_one = best_many = float("inf")
    deadline = time.perf_counter() + PATIENCE_S
    done = 0
    while done < ROUNDS or (threads * best_one < CLEAR_GAIN * best_many and time.perf_counter() < deadline):
        best_one = min(best_one, timed(lambda: at_once(1, steps)))
        best_many = min(best_many, timed(lambda: at_once(threads, steps)))
        done += 1
    return threads * best_one / best_many


gains = {threads: round(gain(int(threads)), 2) for threads in sys.argv[1:]}
print(json.dumps({"gil_on": bool(getattr(sys, "_is_gil_enabled", lambda: True)()), "gains": gains}))
