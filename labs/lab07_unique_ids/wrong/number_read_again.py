"""Counts under the lock, and reads the number after it: by then it may be somebody else's.

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
            self.issued += 1
        try:
            pay(person)
        except BaseException:
            with self.lock:
                del self.holder[seat]
            raise
        return self.issued
