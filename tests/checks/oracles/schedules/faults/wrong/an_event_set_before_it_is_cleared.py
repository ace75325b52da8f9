"""Clears an event that another one may wait for.

Fails by: deadlock
"""

import threading
from threading import Lock, RLock, Event, Condition
from time import sleep


def scene():
    made = []
    ready = Event()

    def once():
        ready.set()
        ready.clear()
        ready.wait()
        made or made.append(1)

    judge = lambda outcomes: None if len(made) == 1 else f"made {len(made)}"
    return {"Ana": once, "Ben": once}, judge
