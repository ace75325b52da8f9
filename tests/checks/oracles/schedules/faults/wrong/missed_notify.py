"""Two wait, one is notified.

Fails by: deadlock
"""

from threading import Condition


class Gate:
    def __init__(self):
        self.condition, self.is_open = Condition(), False

    def go_through(self):
        with self.condition:
            while not self.is_open:
                self.condition.wait()

    def open(self):
        with self.condition:
            self.is_open = True
            self.condition.notify()


def scene():
    gate = Gate()
    return {"Ana": gate.go_through, "Ben": gate.go_through, "Zoe": gate.open}, lambda outcomes: None
