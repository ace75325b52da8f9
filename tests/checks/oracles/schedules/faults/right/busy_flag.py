"""A lock that is tried again and again."""

import threading
from threading import Lock, RLock, Event, Condition
from time import sleep


def scene():
    made = []
    lock = Lock()

    def once():
        while not lock.acquire(blocking=False):
            sleep(0.001)
        if not made:
            made.append(1)
        lock.release()

    judge = lambda outcomes: None if len(made) == 1 else f"made {len(made)}"
    return {"Ana": once, "Ben": once}, judge
