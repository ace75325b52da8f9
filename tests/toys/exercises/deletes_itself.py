"""Deletes its own folder, then raises."""

import shutil
from pathlib import Path


def answer() -> int:
    shutil.rmtree(Path(__file__).parent)
    raise ValueError("gone")
