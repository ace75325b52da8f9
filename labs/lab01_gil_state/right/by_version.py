"""The build from the version's text, the state by the version's number."""


def describe():
    free_threaded = "free-threading" in sys.version
    if sys.version_info < (3, 13):
        return Gil(free_threaded=False, on=True)
    return Gil(free_threaded=free_threaded, on=sys._is_gil_enabled())
