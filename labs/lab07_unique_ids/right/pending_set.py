"""Reserved seats in a set of their own, the plan written when the money is there, a counter from itertools."""

import itertools
from threading import RLock


class BoxOffice:
    def __init__(self, holder):
        self.holder, self.pending = holder, set()
        self.numbers, self.lock = itertools.count(1), RLock()

    def _reserve(self, seat):
        with self.lock:
            if seat in self.holder or seat in self.pending:
                return False
            self.pending.add(seat)
            return True

    def book(self, seat, person, pay):
        if not self._reserve(seat):
            return None
        paid = False
        try:
            pay(person)
            paid = True
        finally:
            with self.lock:
                if paid:
                    self.holder[seat] = person
                self.pending.discard(seat)
        with self.lock:
            return next(self.numbers)
