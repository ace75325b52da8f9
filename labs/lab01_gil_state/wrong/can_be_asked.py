"""Takes the function that tells the state for a sign of the build: an ordinary 3.13 has it, too.

Rejected by: ordinary
"""


def describe():
    can_be_asked = hasattr(sys, "_is_gil_enabled")
    return Gil(free_threaded=can_be_asked, on=sys._is_gil_enabled() if can_be_asked else True)
