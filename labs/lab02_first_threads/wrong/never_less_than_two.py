"""Takes `workers` for a hint: one thread is not worth having a pool.

Rejected by: within_limit
"""


def run_all(tasks, workers):
    with ThreadPoolExecutor(max(workers, 2)) as pool:
        futures = [pool.submit(task) for task in tasks]
        return [future.result() for future in futures]
