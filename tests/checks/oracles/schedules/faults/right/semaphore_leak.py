"""`with` releases whatever happens."""

from threading import Semaphore


class Refused(Exception):
    pass


class Pool:
    def __init__(self):
        self.places = Semaphore(1)

    def use(self, work):
        with self.places:
            work()


def scene():
    pool = Pool()

    def refuse():
        raise Refused

    def use(work):
        try:
            pool.use(work)
        except Refused:
            pass

    return {"Ana": lambda: use(refuse), "Ben": lambda: use(int)}, lambda outcomes: None
