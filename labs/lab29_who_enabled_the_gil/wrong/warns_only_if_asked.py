"""Asks for the warning and silences all of them.

Rejected by: names_it
"""


def who_enabled_the_gil(module_name):
    printed = fresh_python("-W", "ignore", "-c", f"import {module_name}")
    found = re.search(r"enabled to load module '([^']+)'", printed)
    return found[1] if found else None
