"""`setdefault` in one step, and then asks whose *name* is there: who clicks twice has two tickets for one seat.

Rejected by: one_person
"""


class BoxOffice:
    def __init__(self, holder):
        self.holder, self.issued, self.lock = holder, 0, Lock()

    def book(self, seat, person, pay):
        taken = seat in self.holder
        if taken or self.holder.setdefault(seat, person) != person:
            return None
        try:
            pay(person)
        except BaseException:
            del self.holder[seat]
            raise
        with self.lock:
            self.issued += 1
            return self.issued
