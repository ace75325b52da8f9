"""Hands exceptions back among the values, for somebody to overlook.

Rejected by: error_surfaces
"""


def run_all(tasks, workers):
    def guarded(task):
        try:
            return task()
        except Exception as error:
            return error

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(guarded, tasks))
