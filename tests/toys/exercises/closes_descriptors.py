"""Closes all file descriptors."""

import os


def answer() -> int:
    os.closerange(0, 1024)
    return 42
