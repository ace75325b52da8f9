"""Looks at what was asked for at the start: the option and the variable.

Rejected by: turned_on_later
"""

import os


def describe():
    free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    asked_for = sys._xoptions.get("gil") or os.environ.get("PYTHON_GIL")
    return Gil(free_threaded, not free_threaded or asked_for == "1")
