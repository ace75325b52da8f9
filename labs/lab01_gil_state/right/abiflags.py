"""The build from its ABI flag, the state by asking for forgiveness."""


def describe():
    try:
        on = sys._is_gil_enabled()
    except AttributeError:
        on = True
    return Gil("t" in getattr(sys, "abiflags", ""), on)
