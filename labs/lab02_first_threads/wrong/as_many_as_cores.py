"""Knows better than its caller how many threads are good: never more than the machine has cores.

Rejected by: together
"""


def run_all(tasks, workers):
    with ThreadPoolExecutor(min(workers, cores())) as pool:
        futures = [pool.submit(task) for task in tasks]
        return [future.result() for future in futures]
