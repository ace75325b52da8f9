"""Imports at the top, where imports belong.

Rejected by: gil
"""

from weather.report import lines


def report(readings):
    return lines(readings)
