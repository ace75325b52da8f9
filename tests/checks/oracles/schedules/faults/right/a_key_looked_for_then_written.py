"""`setdefault` looks and writes in one operation."""

import threading
from threading import Lock, RLock, Event, Condition
from time import sleep


def scene():
    made = []
    seen = {}

    def once():
        mine = object()
        if seen.setdefault("k", mine) is mine:
            made.append(1)

    judge = lambda outcomes: None if len(made) == 1 else f"made {len(made)}"
    return {"Ana": once, "Ben": once}, judge
