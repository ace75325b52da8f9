"""Writes the formula down once more, and forgets that it does not hold in calm air.

Rejected by: report_right
"""


def report(readings):
    felt = sorted((13.12 + 0.6215 * t - 11.37 * v**0.16 + 0.3965 * t * v**0.16, name) for name, t, v in readings)
    return [f"{name}: feels like {degrees:.1f}" for degrees, name in felt]
