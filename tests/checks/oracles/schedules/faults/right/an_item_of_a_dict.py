"""`-=` on an item, under a lock."""

import threading
from threading import Lock, RLock, Event, Condition
from time import sleep


def scene():
    made = []
    seats, lock = {"free": 2}, Lock()

    def once():
        with lock:
            seats["free"] -= 1
            if seats["free"] == 0:
                made.append(1)

    judge = lambda outcomes: None if len(made) == 1 else f"made {len(made)}"
    return {"Ana": once, "Ben": once}, judge
