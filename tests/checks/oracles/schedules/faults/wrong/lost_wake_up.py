"""Looks before it holds the condition's lock: the notification comes in between.

Fails by: deadlock
"""

from threading import Condition


class Box:
    def __init__(self):
        self.condition, self.item = Condition(), None

    def get(self):
        if self.item is None:
            with self.condition:
                self.condition.wait()
        return self.item

    def put(self, item):
        with self.condition:
            self.item = item
            self.condition.notify()


def scene():
    box = Box()
    judge = lambda outcomes: None if outcomes["Ana"] == "bread" else f"got {outcomes['Ana']}"
    return {"Ana": box.get, "Ben": lambda: box.put("bread")}, judge
