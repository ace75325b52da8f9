"""Closes all file descriptors and opens files in their place."""

import os


def answer() -> int:
    os.closerange(0, 1024)
    for _ in range(64):
        os.open("/dev/null", os.O_RDWR)
    return 42
