"""Tells failures from values by their type: a task that returns an exception has "failed".

Rejected by: values
"""


def run_all(tasks, workers):
    def outcome(task):
        try:
            return task()
        except BaseException as error:
            return error

    with ThreadPoolExecutor(workers) as pool:
        outcomes = list(pool.map(outcome, tasks))
    failures = [each for each in outcomes if isinstance(each, BaseException)]
    if failures:
        raise failures[0]
    return outcomes
