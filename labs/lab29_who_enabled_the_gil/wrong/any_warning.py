"""Takes the first warning for CPython's.

Rejected by: names_it
"""


def who_enabled_the_gil(module_name):
    found = re.search(r"Warning: .*?module '([^']+)'", fresh_python("-c", f"import {module_name}"))
    return found[1] if found else None
