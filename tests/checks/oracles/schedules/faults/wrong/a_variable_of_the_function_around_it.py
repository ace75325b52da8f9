"""Adds to a variable of the function around it.

Fails by: broken promise
"""


def scene():
    n = 0

    def step():
        nonlocal n
        n += 1

    calls = {"Ana": step, "Ben": step}
    return calls, lambda outcomes: None if n == 2 else f"counted {n}"
