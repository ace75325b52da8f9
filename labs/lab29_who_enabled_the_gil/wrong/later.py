"""Puts the import off, and stops there.

Rejected by: stays_off
"""


def report(readings):
    from weather.report import lines

    return lines(readings)
