"""Lets a process that is forced do it.

Rejected by: not_forced
"""

import json

LINES = "import json, sys; from weather.report import lines; print(json.dumps(lines(json.loads(sys.argv[1]))))"


def report(readings):
    return json.loads(fresh_python("-X", "gil=0", "-c", LINES, json.dumps(readings)))
