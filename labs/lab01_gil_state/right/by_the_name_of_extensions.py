"""The build from the name of extension modules (cpython-313t), the state by the version as one number."""


def describe():
    free_threaded = sysconfig.get_config_var("SOABI").split("-")[1].endswith("t")
    if sys.hexversion < 0x030D0000:
        return Gil(free_threaded, on=True)
    return Gil(free_threaded, on=sys._is_gil_enabled())
