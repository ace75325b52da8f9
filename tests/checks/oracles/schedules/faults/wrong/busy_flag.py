"""A flag instead of a lock: looked at and set in two steps.

Fails by: broken promise
"""

import threading
from threading import Lock, RLock, Event, Condition
from time import sleep


class Box:
    busy = False


def scene():
    made = []
    box = Box()

    def once():
        while box.busy:
            sleep(0.001)
        box.busy = True
        if not made:
            made.append(1)
        box.busy = False

    judge = lambda outcomes: None if len(made) == 1 else f"made {len(made)}"
    return {"Ana": once, "Ben": once}, judge
