"""Reads and writes in one block under the lock."""

from threading import Lock


class Counter:
    def __init__(self):
        self.n, self.lock = 0, Lock()

    def step(self):
        with self.lock:
            n = self.n
            self.n = n + 1


def scene():
    counter = Counter()
    judge = lambda outcomes: None if counter.n == 2 else f"counted {counter.n}"
    return {"Ana": counter.step, "Ben": counter.step}, judge
