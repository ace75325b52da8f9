"""Saves threads if there are fewer tasks, and forgets that there may be none: a pool of 0 is an error.

Rejected by: values
"""


def run_all(tasks, workers):
    with ThreadPoolExecutor(min(workers, len(tasks))) as pool:
        return list(pool.map(lambda task: task(), tasks))
