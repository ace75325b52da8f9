"""`-=` on an item reads and writes.

Fails by: broken promise
"""

import threading
from threading import Lock, RLock, Event, Condition
from time import sleep


def scene():
    made = []
    seats = {"free": 2}

    def once():
        seats["free"] -= 1
        if seats["free"] == 0:
            made.append(1)

    judge = lambda outcomes: None if len(made) == 1 else f"made {len(made)}"
    return {"Ana": once, "Ben": once}, judge
