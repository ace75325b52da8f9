"""Threads of the lowest level, which no list of threads shows; they wait for more work for ever.

Rejected by: nothing_left
"""

import _thread
import queue
from concurrent.futures import Future


def run_all(tasks, workers):
    todo, futures = queue.SimpleQueue(), [Future() for _ in tasks]

    def work():
        while True:
            task, future = todo.get()
            try:
                future.set_result(task())
            except BaseException as error:
                future.set_exception(error)

    for _ in range(workers):
        _thread.start_new_thread(work, ())
    for pair in zip(tasks, futures):
        todo.put(pair)
    for future in futures:
        future.exception()
    return [future.result() for future in futures]
