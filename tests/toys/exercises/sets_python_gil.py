"""Sets PYTHON_GIL for itself and for what it starts."""

import os

os.environ["PYTHON_GIL"] = "1"


def answer() -> int:
    return 42
