"""Gives a task that raised a second chance: whatever it has done the first time is done twice.

Rejected by: error_surfaces
"""


def run_all(tasks, workers):
    def stubborn(task):
        try:
            return task()
        except Exception:
            return task()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(stubborn, tasks))
