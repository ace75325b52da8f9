"""Reads under the lock and writes under the lock, and lets go of it in between.

Fails by: broken promise
"""

from threading import Lock


class Counter:
    def __init__(self):
        self.n, self.lock = 0, Lock()

    def step(self):
        with self.lock:
            n = self.n
        with self.lock:
            self.n = n + 1


def scene():
    counter = Counter()
    judge = lambda outcomes: None if counter.n == 2 else f"counted {counter.n}"
    return {"Ana": counter.step, "Ben": counter.step}, judge
