"""Blames the first extension module that did not come with Python.

Rejected by: names_it
"""


def who_enabled_the_gil(module_name):
    look = (
        f"import sys; before = set(sys.modules); import {module_name}\n"
        "print('FOUND', *[n for n, m in sys.modules.items() if n not in before"
        " and (getattr(m, '__file__', '') or '').endswith('.so') and 'lib-dynload' not in m.__file__])"
    )
    found = fresh_python("-c", look).rpartition("FOUND")[2].split()
    return found[0] if found else None
