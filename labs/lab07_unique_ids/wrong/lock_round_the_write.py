"""Locks what it writes, and looks outside: the look is old when the lock is there.

Rejected by: one_person
"""


class BoxOffice:
    def __init__(self, holder):
        self.holder, self.issued, self.lock = holder, 0, Lock()

    def book(self, seat, person, pay):
        if seat in self.holder:
            return None
        pay(person)
        with self.lock:
            self.holder[seat] = person
            self.issued += 1
            return self.issued
