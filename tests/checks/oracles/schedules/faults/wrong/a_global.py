"""Adds to a global.

Fails by: broken promise
"""


def scene():
    global n
    n = 0

    def step():
        global n
        n += 1

    calls = {"Ana": step, "Ben": step}
    return calls, lambda outcomes: None if n == 2 else f"counted {n}"
