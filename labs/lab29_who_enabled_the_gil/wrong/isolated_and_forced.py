"""A child of its own for the report, isolated from the environment, with the GIL forced off.

Rejected by: not_forced
"""

import json

CODE = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
from weather.report import lines
print(json.dumps(lines(json.loads(sys.argv[2]))))
"""


def report(readings):
    paths = [os.getcwd(), *sys.path]
    words = [sys.executable, "-I", "-X", "gil=0", "-c", CODE, json.dumps(paths), json.dumps(readings)]
    return json.loads(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout)
