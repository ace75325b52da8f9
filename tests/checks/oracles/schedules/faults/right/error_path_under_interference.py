"""A refused payment takes back its own seat."""

from threading import Lock


class Till:
    def __init__(self):
        self.lock, self.sold = Lock(), {}

    def sell(self, seat, who, pay):
        with self.lock:
            self.sold[seat] = who
        try:
            pay()
        except BaseException:
            with self.lock:
                del self.sold[seat]
            raise


def scene():
    till = Till()

    def refuse():
        raise KeyboardInterrupt

    judge = lambda outcomes: None if till.sold == {"B2": "Ben"} else f"sold {till.sold}"
    return {"Ana": lambda: till.sell("A1", "Ana", refuse), "Ben": lambda: till.sell("B2", "Ben", int)}, judge
