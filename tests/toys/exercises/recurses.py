"""Recursion without end."""


def answer() -> int:
    return answer()
