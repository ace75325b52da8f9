"""A thread for each task, a semaphore that lets `workers` of them work, a future made by hand."""

from concurrent.futures import Future
from threading import Semaphore, Thread


def run_all(tasks, workers):
    free, futures = Semaphore(workers), [Future() for _ in tasks]

    def work(task, future):
        with free:
            try:
                future.set_result(task())
            except BaseException as error:
                future.set_exception(error)

    threads = [Thread(target=work, args=pair) for pair in zip(tasks, futures)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [future.result() for future in futures]
