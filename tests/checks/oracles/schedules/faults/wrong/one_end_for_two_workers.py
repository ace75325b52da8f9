"""Two workers, and one sign that work is over.

Fails by: deadlock
"""

from queue import Queue
from threading import Thread


def run(tasks):
    jobs, found = Queue(), [None] * 2

    def work():
        while (i := jobs.get()) is not None:
            found[i] = tasks[i]()

    threads = [Thread(target=work) for _ in range(2)]
    for each in threads:
        each.start()
    for i in (0, 1, None):
        jobs.put(i)
    for each in threads:
        each.join()
    return found


def scene():
    def both():
        return run([lambda: "a", lambda: "b"])

    judge = lambda outcomes: None if outcomes["Ana"] == ["a", "b"] else f"gave {outcomes['Ana']}"
    return {"Ana": both}, judge
