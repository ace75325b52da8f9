"""Raises whatever failed first on the clock: another exception on another day.

Rejected by: first_error
"""

from concurrent.futures import as_completed


def run_all(tasks, workers):
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(task) for task in tasks]
        for future in as_completed(futures):
            future.result()
        return [future.result() for future in futures]
