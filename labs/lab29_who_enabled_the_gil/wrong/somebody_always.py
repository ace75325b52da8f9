"""Where CPython blames nobody, it blames the package.

Rejected by: innocent
"""


def who_enabled_the_gil(module_name):
    found = re.search(r"enabled to load module '([^']+)'", fresh_python("-c", f"import {module_name}"))
    return found[1] if found else module_name
