"""The object is to be seen before it is finished.

Fails by: broken promise
"""

from threading import Lock


class Settings:
    instance, lock = None, Lock()

    @classmethod
    def get(cls):
        if cls.instance is None:
            with cls.lock:
                if cls.instance is None:
                    cls.instance = cls()
                    cls.instance.colour = "red"
        return cls.instance


def scene():
    read = lambda: Settings.get().colour
    judge = lambda outcomes: None if list(outcomes.of.values()) == ["red"] * 2 else f"read {outcomes.of}"
    return {"Ana": read, "Ben": read}, judge
