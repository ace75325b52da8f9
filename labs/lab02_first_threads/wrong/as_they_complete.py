"""Takes the results as they come: the fastest first.

Rejected by: order
"""

from concurrent.futures import as_completed


def run_all(tasks, workers):
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(task) for task in tasks]
        return [future.result() for future in as_completed(futures)]
