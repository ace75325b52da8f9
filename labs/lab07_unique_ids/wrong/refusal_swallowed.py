"""Takes the reservation back and returns None: a refused card looks like a seat that is taken.

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
        try:
            pay(person)
        except Exception:
            del self.holder[seat]
            return None
        return number
