"""Waits for each thread, a minute at most: whatever takes longer goes on behind the caller's back.

Rejected by: nothing_left
"""

import threading
from concurrent.futures import Future
from itertools import count


def run_all(tasks, workers):
    futures, numbers, lock = [Future() for _ in tasks], count(), threading.Lock()

    def work():
        while True:
            with lock:
                index = next(numbers)
            if index >= len(tasks):
                return
            try:
                futures[index].set_result(tasks[index]())
            except BaseException as error:
                futures[index].set_exception(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return [future.result() if future.done() else None for future in futures]
