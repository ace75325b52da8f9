"""Calls listeners under the lock, and one of them wants it.

Fails by: deadlock
"""

from threading import Lock


class Topic:
    def __init__(self):
        self.lock, self.listeners, self.heard = Lock(), [], []

    def listen(self, listener):
        with self.lock:
            self.listeners.append(listener)

    def tell(self, text):
        with self.lock:
            for each in self.listeners:
                each(text)


def scene():
    topic = Topic()
    topic.listen(lambda text: topic.listen(topic.heard.append) if text == "first" else topic.heard.append(text))
    return {"Ana": lambda: topic.tell("first"), "Ben": lambda: topic.tell("second")}, lambda outcomes: None
