"""An exception jumps over the release.

Fails by: deadlock
"""

from threading import Semaphore


class Refused(Exception):
    pass


class Pool:
    def __init__(self):
        self.places = Semaphore(1)

    def use(self, work):
        self.places.acquire()
        work()
        self.places.release()


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
