"""Takes the state for the build: with the GIL on, it would be an ordinary Python.

Rejected by: forced_on
"""


def describe():
    on = getattr(sys, "_is_gil_enabled", lambda: True)()
    return Gil(free_threaded=not on, on=on)
