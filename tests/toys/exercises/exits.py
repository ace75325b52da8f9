"""sys.exit in the middle."""

import sys


def answer() -> int:
    sys.exit(7)
