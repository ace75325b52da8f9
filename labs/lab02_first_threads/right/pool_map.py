"""`map` keeps the order and the exceptions, and drops what has not begun after a failure."""


def run_all(tasks, workers):
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda task: task(), tasks))
