"""Where nobody can be asked, it takes the GIL for off.

Rejected by: ordinary
"""


def describe():
    on = sys._is_gil_enabled() if hasattr(sys, "_is_gil_enabled") else False
    return Gil(bool(sysconfig.get_config_var("Py_GIL_DISABLED")), on)
