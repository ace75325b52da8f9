"""Makes its lambdas in a loop: each of them calls whatever `task` is when a thread gets to it.

Rejected by: values
"""


def run_all(tasks, workers):
    with ThreadPoolExecutor(workers) as pool:
        futures = []
        for task in tasks:
            futures.append(pool.submit(lambda: task()))
        return [future.result() for future in futures]
