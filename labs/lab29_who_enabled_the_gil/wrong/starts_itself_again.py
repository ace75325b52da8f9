"""Starts the process once more, with the variable set.

Rejected by: not_forced
"""


def report(readings):
    if os.environ.get("PYTHON_GIL") != "0":
        os.environ["PYTHON_GIL"] = "0"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    from weather.report import lines

    return lines(readings)
