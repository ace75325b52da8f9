"""acquire and release by hand: the exception of a refused card jumps over the release.

Rejected by: given_back
"""


class BoxOffice:
    def __init__(self, holder):
        self.holder, self.issued, self.guard, self.locks = holder, 0, Lock(), {}

    def book(self, seat, person, pay):
        lock = self.locks.setdefault(seat, Lock())
        lock.acquire()
        if seat in self.holder:
            lock.release()
            return None
        pay(person)
        self.holder[seat] = person
        lock.release()
        with self.guard:
            self.issued += 1
            return self.issued
