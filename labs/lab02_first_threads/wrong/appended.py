"""Every thread appends to one list: nothing is lost, and the order is the order in time.

Rejected by: order
"""


def run_all(tasks, workers):
    results = []
    with ThreadPoolExecutor(workers) as pool:
        for future in [pool.submit(lambda task=task: results.append(task())) for task in tasks]:
            future.result()
    return results
