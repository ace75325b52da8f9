"""Keeps the results in a dict by task: a task that stands in the list twice is called once, or has one result.

Rejected by: values
"""


def run_all(tasks, workers):
    with ThreadPoolExecutor(workers) as pool:
        results = dict(zip(tasks, pool.map(lambda task: task(), tasks)))
    return [results[task] for task in tasks]
