"""Looks, then acts: two threads have looked before one has acted.

Fails by: broken promise
"""

import threading
from threading import Lock, RLock, Event, Condition
from time import sleep


def scene():
    made = []
    lock = Lock()

    def once():
        if not made:
            made.append(1)

    judge = lambda outcomes: None if len(made) == 1 else f"made {len(made)}"
    return {"Ana": once, "Ben": once}, judge
