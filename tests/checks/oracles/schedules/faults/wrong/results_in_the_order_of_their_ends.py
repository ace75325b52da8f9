"""Takes results in the order in which they come.

Fails by: broken promise
"""

from queue import Queue
from threading import Thread


def run(tasks):
    from concurrent.futures import ThreadPoolExecutor, as_completed

    with ThreadPoolExecutor(2) as pool:
        return [each.result() for each in as_completed([pool.submit(task) for task in tasks])]


def scene():
    def both():
        return run([lambda: "a", lambda: "b"])

    judge = lambda outcomes: None if outcomes["Ana"] == ["a", "b"] else f"gave {outcomes['Ana']}"
    return {"Ana": both}, judge
