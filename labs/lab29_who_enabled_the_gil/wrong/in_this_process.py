"""Imports the suspect right here, and catches the warning.

Rejected by: asks_elsewhere
"""

import importlib
import warnings


def who_enabled_the_gil(module_name):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        importlib.import_module(module_name)
    for each in caught:
        if found := re.search(r"enabled to load module '([^']+)'", str(each.message)):
            return found[1]
    return None
