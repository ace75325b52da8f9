"""The lock is made with the object."""

import threading
from threading import Lock, RLock, Event, Condition
from time import sleep


class Box:
    def __init__(self):
        self.lock = Lock()


def scene():
    made = []
    box = Box()

    def once():
        with box.lock:
            if not made:
                made.append(1)

    judge = lambda outcomes: None if len(made) == 1 else f"made {len(made)}"
    return {"Ana": once, "Ben": once}, judge
