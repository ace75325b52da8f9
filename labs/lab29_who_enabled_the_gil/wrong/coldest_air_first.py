"""Right figures in the order of the thermometer, not of the skin.

Rejected by: report_right
"""


def report(readings):
    os.environ["WEATHER_PURE_PYTHON"] = "1"
    from weather.report import lines

    return [line for reading in sorted(readings, key=lambda each: each[1:]) for line in lines([reading])]
