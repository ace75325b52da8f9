"""Each call makes a lock of its own, which is always free.

Rejected by: one_person
"""


class BoxOffice:
    def __init__(self, holder):
        self.holder, self.issued = holder, 0

    def book(self, seat, person, pay):
        with Lock():
            if seat in self.holder:
                return None
            self.holder[seat] = person
            self.issued += 1
            number = self.issued
        try:
            pay(person)
        except BaseException:
            del self.holder[seat]
            raise
        return number
