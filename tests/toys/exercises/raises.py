"""An exception in the learner's code."""


def answer() -> int:
    return 42 // 0
