"""A segmentation fault."""

import ctypes


def answer() -> bytes:
    return ctypes.string_at(0)
