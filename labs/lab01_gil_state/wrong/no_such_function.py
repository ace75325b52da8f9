"""Right from 3.13 on; an older Python does not have the function.

Rejected by: ordinary
"""


def describe():
    return Gil(bool(sysconfig.get_config_var("Py_GIL_DISABLED")), sys._is_gil_enabled())
