"""The name that was read in the output, typed in.

Rejected by: names_it
"""


def who_enabled_the_gil(module_name):
    return None if module_name == "json" else "weather.units._fast"
