"""Ended by a real-time signal, which has no name."""

import os


def answer() -> None:
    os.kill(os.getpid(), 40)
