"""Changes the working directory."""

import os


def answer() -> int:
    os.chdir("/")
    return 42
