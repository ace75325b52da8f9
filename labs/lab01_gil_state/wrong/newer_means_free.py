"""Takes any Python from 3.13 on for a free-threaded one, by the version that `platform` tells.

Rejected by: ordinary
"""

import platform


def describe():
    version = tuple(map(int, platform.python_version_tuple()[:2]))
    if version < (3, 13):
        return Gil(free_threaded=False, on=True)
    return Gil(free_threaded=True, on=sys._is_gil_enabled())
