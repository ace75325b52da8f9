"""A refused card leaves the seat reserved, for nobody.

Rejected by: given_back
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
            number = self.issued
        pay(person)
        return number
