"""The seat under the lock, the number after it.

Rejected by: one_number
"""


class BoxOffice:
    def __init__(self, holder):
        self.holder, self.issued, self.lock = holder, 0, Lock()

    def book(self, seat, person, pay):
        with self.lock:
            if seat in self.holder:
                return None
            self.holder[seat] = person
        try:
            pay(person)
        except BaseException:
            with self.lock:
                del self.holder[seat]
            raise
        self.issued += 1
        return self.issued
