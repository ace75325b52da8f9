"""Threads of its own that catch Exception: a task that calls sys.exit ends its thread, and nobody hears of it.

Rejected by: error_surfaces
"""

import queue
import threading


def run_all(tasks, workers):
    values, errors, todo = [None] * len(tasks), {}, queue.SimpleQueue()
    for numbered in enumerate(tasks):
        todo.put(numbered)
    for _ in range(workers):
        todo.put((-1, None))

    def work():
        while (numbered := todo.get())[1]:
            index, task = numbered
            try:
                values[index] = task()
            except Exception as error:
                errors[index] = error

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[min(errors)]
    return values
