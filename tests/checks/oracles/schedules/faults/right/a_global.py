"""Adds to it under a lock."""


def scene():
    global n, lock
    from threading import Lock

    n, lock = 0, Lock()

    def step():
        global n
        with lock:
            n += 1

    calls = {"Ana": step, "Ben": step}
    return calls, lambda outcomes: None if n == 2 else f"counted {n}"
