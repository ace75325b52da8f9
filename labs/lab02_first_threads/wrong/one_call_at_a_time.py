"""One semaphore for all calls of run_all: a task that calls it waits for its own place.

Rejected by: nested
"""

import threading
from concurrent.futures import Future

places = {}


def run_all(tasks, workers):
    free = places.setdefault(workers, threading.Semaphore(workers))
    futures = [Future() for _ in tasks]

    def work(task, future):
        with free:
            try:
                future.set_result(task())
            except BaseException as error:
                future.set_exception(error)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(tasks, futures)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [future.result() for future in futures]
