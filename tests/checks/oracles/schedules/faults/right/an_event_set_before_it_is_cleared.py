"""Sets an event, once and for all."""

import threading
from threading import Lock, RLock, Event, Condition
from time import sleep


def scene():
    made = []
    ready, lock = Event(), Lock()

    def once():
        ready.set()
        ready.wait()
        with lock:
            made or made.append(1)

    judge = lambda outcomes: None if len(made) == 1 else f"made {len(made)}"
    return {"Ana": once, "Ben": once}, judge
