"""No `with`: an exception leaves at once, and the other tasks go on behind the caller's back.

Rejected by: nothing_left
"""


def run_all(tasks, workers):
    pool = ThreadPoolExecutor(workers)
    futures = [pool.submit(task) for task in tasks]
    results = [future.result() for future in futures]
    pool.shutdown()
    return results
