"""Takes results in the order of the tasks."""

from queue import Queue
from threading import Thread


def run(tasks):
    from concurrent.futures import ThreadPoolExecutor, as_completed

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda task: task(), tasks))


def scene():
    def both():
        return run([lambda: "a", lambda: "b"])

    judge = lambda outcomes: None if outcomes["Ana"] == ["a", "b"] else f"gave {outcomes['Ana']}"
    return {"Ana": both}, judge
