"""A defaultdict of locks: a missing key is looked for, made and written, and without the GIL that is not one step.

Fails by: broken promise
"""

import threading
from threading import Lock, RLock, Event, Condition
from time import sleep
from collections import defaultdict


def scene():
    made = []
    locks = defaultdict(Lock)

    def once():
        with locks["k"]:
            if not made:
                made.append(1)

    judge = lambda outcomes: None if len(made) == 1 else f"made {len(made)}"
    return {"Ana": once, "Ben": once}, judge
