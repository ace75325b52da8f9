"""Sets the switch after the import that reads it.

Rejected by: stays_off
"""


def report(readings):
    from weather.report import lines

    os.environ["WEATHER_PURE_PYTHON"] = "1"
    return lines(readings)
