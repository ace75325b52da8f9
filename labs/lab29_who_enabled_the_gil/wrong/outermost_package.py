"""Imports the outermost package and trusts that this loads all that is in it.

Rejected by: names_it
"""


def who_enabled_the_gil(module_name):
    printed = fresh_python("-c", f"__import__({module_name.split('.')[0]!r})")
    found = re.search(r"enabled to load module '([^']+)'", printed)
    return found[1] if found else None
