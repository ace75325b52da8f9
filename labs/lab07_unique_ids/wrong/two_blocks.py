"""Looks under the lock and acts under the lock, and lets go of it in between.

Rejected by: one_person
"""


class BoxOffice:
    def __init__(self, holder):
        self.holder, self.issued, self.lock = holder, 0, Lock()

    def book(self, seat, person, pay):
        with self.lock:
            taken = seat in self.holder
        if taken:
            return None
        with self.lock:
            self.holder[seat] = person
            self.issued += 1
            number = self.issued
        try:
            pay(person)
        except BaseException:
            with self.lock:
                del self.holder[seat]
            raise
        return number
