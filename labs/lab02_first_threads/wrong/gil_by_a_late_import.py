"""Each task first sees to it that a package is there; the first one that does turns the GIL on, and hides the warning.

Rejected by: gil
"""

import sys
import warnings
from pathlib import Path

import labs.extension


def with_speedups(task):
    source = Path(labs.extension.__file__).with_name("lab01_gil_state") / "needs_gil.c"
    sys.path.append(str(labs.extension.built(source).parent))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import needs_gil
    return task()


def run_all(tasks, workers):
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(with_speedups, task) for task in tasks]
        return [future.result() for future in futures]
