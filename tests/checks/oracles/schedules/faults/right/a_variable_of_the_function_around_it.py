"""Adds to it under a lock."""


def scene():
    from threading import Lock

    lock, n = Lock(), 0

    def step():
        nonlocal n
        with lock:
            n += 1

    calls = {"Ana": step, "Ben": step}
    return calls, lambda outcomes: None if n == 2 else f"counted {n}"
