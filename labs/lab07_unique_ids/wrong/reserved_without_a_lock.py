"""Reserves before paying, and nothing keeps a second one from looking in between.

Rejected by: one_person
"""


class BoxOffice:
    def __init__(self, holder):
        self.holder, self.issued, self.lock = holder, 0, Lock()

    def book(self, seat, person, pay):
        if seat in self.holder:
            return None
        self.holder[seat] = person
        try:
            pay(person)
        except BaseException:
            del self.holder[seat]
            raise
        with self.lock:
            self.issued += 1
            return self.issued
