"""Silences the warning: what nobody reads is still so.

Rejected by: stays_off
"""

import warnings


def report(readings):
    warnings.filterwarnings("ignore", message=".*global interpreter lock.*")
    from weather.report import lines

    return lines(readings)
