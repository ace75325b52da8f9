"""No pool: the caller works too, and every thread takes the next task from one shared queue."""

import queue
import threading


def run_all(tasks, workers):
    values, errors, todo = [None] * len(tasks), {}, queue.SimpleQueue()
    for numbered in enumerate(tasks):
        todo.put(numbered)

    def work():
        while not errors:
            try:
                index, task = todo.get_nowait()
            except queue.Empty:
                return
            try:
                values[index] = task()
            except BaseException as error:
                errors[index] = error

    threads = [threading.Thread(target=work) for _ in range(workers - 1)]
    for thread in threads:
        thread.start()
    work()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[min(errors)]
    return values
