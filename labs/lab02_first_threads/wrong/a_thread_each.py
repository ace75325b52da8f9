"""One thread a task, however many tasks: a thousand tasks, a thousand threads.

Rejected by: within_limit
"""


def run_all(tasks, workers):
    with ThreadPoolExecutor(max(workers, len(tasks))) as pool:
        return list(pool.map(lambda task: task(), tasks))
