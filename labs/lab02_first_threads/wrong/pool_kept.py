"""Keeps its pools for the next call: their threads stay.

Rejected by: nothing_left
"""

pools = {}


def run_all(tasks, workers):
    pool = pools.setdefault(workers, ThreadPoolExecutor(workers))
    futures = [pool.submit(task) for task in tasks]
    try:
        return [future.result() for future in futures]
    finally:
        for future in futures:
            future.exception()
