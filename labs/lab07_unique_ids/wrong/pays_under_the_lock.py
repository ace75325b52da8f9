"""Right, and everybody stands behind the one who looks for the card.

Rejected by: pay_together
"""


class BoxOffice:
    def __init__(self, holder):
        self.holder, self.issued, self.lock = holder, 0, Lock()

    def book(self, seat, person, pay):
        with self.lock:
            if seat in self.holder:
                return None
            pay(person)
            self.holder[seat] = person
            self.issued += 1
            return self.issued
