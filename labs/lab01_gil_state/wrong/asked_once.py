"""Asks when the file is loaded, and keeps the answer.

Rejected by: turned_on_later
"""

ON = getattr(sys, "_is_gil_enabled", lambda: True)()


def describe():
    return Gil(bool(sysconfig.get_config_var("Py_GIL_DISABLED")), ON)
