"""Waits a random moment so that nobody comes at the same time.

Rejected by: one_person
"""

import random


class BoxOffice:
    def __init__(self, holder):
        self.holder, self.issued, self.lock = holder, 0, Lock()

    def book(self, seat, person, pay):
        sleep(random.uniform(0, 0.02))
        if seat in self.holder:
            return None
        self.holder[seat] = person
        try:
            pay(person)
        except BaseException:
            del self.holder[seat]
            raise
        self.issued += 1
        return self.issued
