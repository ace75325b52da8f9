"""Looks for a key, then writes it.

Fails by: broken promise
"""

import threading
from threading import Lock, RLock, Event, Condition
from time import sleep


def scene():
    made = []
    seen = {}

    def once():
        if "k" not in seen:
            seen["k"] = 1
            made.append(1)

    judge = lambda outcomes: None if len(made) == 1 else f"made {len(made)}"
    return {"Ana": once, "Ben": once}, judge
