"""Two locks, taken in the order of the arguments.

Fails by: deadlock
"""

from threading import Lock


class Account:
    def __init__(self, balance):
        self.balance, self.lock = balance, Lock()


def transfer(source, target, amount):
    first, second = source, target
    with first.lock:
        with second.lock:
            source.balance -= amount
            target.balance += amount


def scene():
    a, b = Account(10), Account(10)
    calls = {"Ana": lambda: transfer(a, b, 3), "Ben": lambda: transfer(b, a, 5)}
    return calls, lambda outcomes: None if (a.balance, b.balance) == (12, 8) else f"{a.balance} and {b.balance}"
