"""Two words, which are both true.

Rejected by: gil_off
"""


def describe():
    return Gil("free-threaded", "off")
