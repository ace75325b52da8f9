"""Looks again under the lock, after the payment: one ticket, and two people who paid.

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
            if seat in self.holder:
                return None
            self.holder[seat] = person
            self.issued += 1
            return self.issued
