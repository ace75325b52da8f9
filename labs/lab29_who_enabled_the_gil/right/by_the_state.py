"""Watches the state round the creation of each extension module; and the report in a process of its own."""

import json

WATCH = """
import importlib, json, os, sys
from importlib.machinery import ExtensionFileLoader as Loader
create, found = Loader.create_module, []
def watched(self, spec):
    was_on = sys._is_gil_enabled()
    module = create(self, spec)
    if sys._is_gil_enabled() and not was_on:
        found.append(spec.name)
    return module
Loader.create_module = watched
importlib.import_module(sys.argv[1])
print("\\n" + json.dumps(found[0] if found else None))
"""

LINES = """
import json, sys
from weather.report import lines
print(json.dumps(lines(json.loads(sys.argv[1]))))
"""


def who_enabled_the_gil(module_name):
    return json.loads(fresh_python("-W", "ignore", "-c", WATCH, module_name).splitlines()[-1])


def report(readings):
    return json.loads(fresh_python("-W", "ignore", "-c", LINES, json.dumps(readings)))
