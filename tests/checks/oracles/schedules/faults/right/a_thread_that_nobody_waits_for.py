"""Waits for both threads."""

from queue import Queue
from threading import Thread


def run(tasks):
    found = [None] * 2

    def work(i):
        found[i] = tasks[i]()

    threads = [Thread(target=work, args=(i,)) for i in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return list(found)


def scene():
    def both():
        return run([lambda: "a", lambda: "b"])

    judge = lambda outcomes: None if outcomes["Ana"] == ["a", "b"] else f"gave {outcomes['Ana']}"
    return {"Ana": both}, judge
