"""os._exit in the middle."""

import os


def answer() -> int:
    print("so long")
    os._exit(0)
