"""Sets the variable in a process that has long been started.

Rejected by: gil
"""

os.environ["PYTHON_GIL"] = "0"


def report(readings):
    from weather.report import lines

    return lines(readings)
