"""An exception in the attendee's code."""


def answer() -> int:
    return 42 // 0
