"""Waits for one of two threads.

Fails by: broken promise
"""

from queue import Queue
from threading import Thread


def run(tasks):
    found = [None] * 2

    def work(i):
        found[i] = tasks[i]()

    threads = [Thread(target=work, args=(i,)) for i in range(2)]
    for each in threads:
        each.start()
    threads[0].join()
    return list(found)


def scene():
    def both():
        return run([lambda: "a", lambda: "b"])

    judge = lambda outcomes: None if outcomes["Ana"] == ["a", "b"] else f"gave {outcomes['Ana']}"
    return {"Ana": both}, judge
