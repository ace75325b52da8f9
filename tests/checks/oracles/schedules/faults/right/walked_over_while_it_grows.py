"""Walks over a copy."""

import threading
from threading import Lock, RLock, Event, Condition
from time import sleep


def scene():
    made = []
    seen = {"w": 0}

    def once():
        for each in list(seen):
            if each == "x":
                break
        seen[threading.get_ident()] = 1
        if len(seen) == 3:
            made.append(1)

    judge = lambda outcomes: None if all(each is None for each in outcomes.of.values()) else f"made {len(made)}"
    return {"Ana": once, "Ben": once}, judge
