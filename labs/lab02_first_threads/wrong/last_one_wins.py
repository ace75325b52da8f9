"""One place for the error: of several the last one in time stays there.

Rejected by: first_error
"""

from concurrent.futures import wait


def run_all(tasks, workers):
    failed = {}

    def guarded(task):
        try:
            return task()
        except BaseException as error:
            failed["last"] = error

    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(guarded, task) for task in tasks]
        wait(futures)
    if failed:
        raise failed["last"]
    return [future.result() for future in futures]
