"""Waits for each task before it submits the next: threads for nothing.

Rejected by: together
"""


def run_all(tasks, workers):
    with ThreadPoolExecutor(workers) as pool:
        return [pool.submit(task).result() for task in tasks]
