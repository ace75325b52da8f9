"""Sets the variable before the import, as the warning seems to say.

Rejected by: not_forced
"""


def report(readings):
    os.environ["PYTHON_GIL"] = "0"
    from weather.report import lines

    return lines(readings)
