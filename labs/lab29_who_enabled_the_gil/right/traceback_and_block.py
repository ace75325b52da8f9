"""The warning as an error, from its traceback; and the module blocked, so that the package takes the other way."""


def who_enabled_the_gil(module_name):
    last = ""
    for line in fresh_python("-W", "error::RuntimeWarning", "-c", f"import {module_name}").splitlines():
        if line.startswith("RuntimeWarning: The global interpreter lock"):
            last = line
    return last.split("'")[1] if last else None


def report(readings):
    sys.modules["weather.units._fast"] = None
    from weather.report import lines

    return lines(readings)
