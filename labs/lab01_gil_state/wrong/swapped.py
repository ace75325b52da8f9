"""Both answers are right, each in the other's place.

Rejected by: gil_off
"""


def describe():
    on = getattr(sys, "_is_gil_enabled", lambda: True)()
    return Gil(on, bool(sysconfig.get_config_var("Py_GIL_DISABLED")))
