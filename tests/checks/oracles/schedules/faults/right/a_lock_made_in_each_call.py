"""One lock for all calls, acquired and released by hand."""

from threading import Lock


class Counter:
    def __init__(self):
        self.n, self.lock = 0, Lock()

    def step(self):
        self.lock.acquire()
        try:
            self.n += 1
        finally:
            self.lock.release()


def scene():
    counter = Counter()
    judge = lambda outcomes: None if counter.n == 2 else f"counted {counter.n}"
    return {"Ana": counter.step, "Ben": counter.step}, judge
