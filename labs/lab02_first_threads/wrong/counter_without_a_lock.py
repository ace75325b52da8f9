"""The next task by a shared number, `taken += 1` without a lock: now and then two threads take the same one.

Rejected by: every_order
"""

import threading


def run_all(tasks, workers):
    values, errors, taken = [None] * len(tasks), {}, 0

    def work():
        nonlocal taken
        while True:
            index = taken
            taken = index + 1
            if index >= len(tasks):
                return
            try:
                values[index] = tasks[index]()
            except BaseException as error:
                errors[index] = error

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[min(errors)]
    return values
