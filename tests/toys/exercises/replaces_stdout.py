"""Puts something else in the place of sys.stdout and sys.stderr."""

import sys


def answer() -> int:
    sys.stdout = sys.stderr = None
    return 42
