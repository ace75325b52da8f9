"""No lock for the seats: `setdefault` looks and acts in one operation, and the claim is an object of this call alone."""


class BoxOffice:
    def __init__(self, holder):
        self.holder, self.claims = holder, {seat: person for seat, person in holder.items()}
        self.issued, self.lock = 0, Lock()

    def book(self, seat, person, pay):
        mine = object()
        if self.claims.setdefault(seat, mine) is not mine:
            return None
        try:
            pay(person)
        except BaseException:
            del self.claims[seat]
            raise
        self.holder[seat] = person
        with self.lock:
            self.issued += 1
            return self.issued
