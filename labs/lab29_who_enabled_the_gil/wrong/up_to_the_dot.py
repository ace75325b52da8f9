r"""A module's name is more than \w+.

Rejected by: names_it
"""


def who_enabled_the_gil(module_name):
    found = re.search(r"enabled to load module '(\w+)", fresh_python("-c", f"import {module_name}"))
    return found[1] if found else None
