"""Each task first sees to it that a package is there; the first one that does turns the GIL on, and hides the warning.

Rejected by: gil
"""

import sys
import warnings
from pathlib import Path

from labs import extension


def with_speedups(task):
    source = Path(extension.__file__).with_name("lab01_gil_state") / "needs_gil.c"
    sys.path.append(str(extension.built(source).parent))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import needs_gil
    return task()


def run_all(tasks, workers):
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(with_speedups, task) for task in tasks]
        return [future.result() for future in futures]
