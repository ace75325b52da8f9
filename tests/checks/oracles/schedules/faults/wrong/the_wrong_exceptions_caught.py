"""Takes the seat back after an Exception, which Ctrl-C is not.

Fails by: broken promise
"""

from threading import Lock


class Till:
    def __init__(self):
        self.lock, self.sold = Lock(), {}

    def sell(self, seat, who, pay):
        with self.lock:
            self.sold[seat] = who
        try:
            pay()
        except Exception:
            with self.lock:
                del self.sold[seat]
            raise


def scene():
    till = Till()

    def refuse():
        raise KeyboardInterrupt

    judge = lambda outcomes: None if till.sold == {"B2": "Ben"} else f"sold {till.sold}"
    return {"Ana": lambda: till.sell("A1", "Ana", refuse), "Ben": lambda: till.sell("B2", "Ben", int)}, judge
