"""Threads by hand: an exception is printed by the thread, its place keeps None, and the caller goes on.

Rejected by: error_surfaces
"""

import queue
import threading


def run_all(tasks, workers):
    results, todo = [None] * len(tasks), queue.SimpleQueue()
    for numbered in enumerate(tasks):
        todo.put(numbered)

    def work():
        while not todo.empty():
            try:
                index, task = todo.get_nowait()
            except queue.Empty:
                return
            results[index] = task()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
