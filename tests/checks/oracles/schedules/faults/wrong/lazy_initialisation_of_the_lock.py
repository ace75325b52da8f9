"""Makes the lock when it is needed first: two threads make two.

Fails by: broken promise
"""

import threading
from threading import Lock, RLock, Event, Condition
from time import sleep


class Box:
    pass


def scene():
    made = []
    box = Box()

    def once():
        if not hasattr(box, "lock"):
            box.lock = Lock()
        with box.lock:
            if not made:
                made.append(1)

    judge = lambda outcomes: None if len(made) == 1 else f"made {len(made)}"
    return {"Ana": once, "Ben": once}, judge
