"""Garbage without an end of line to every open pipe, for ever."""

import os
import stat


def answer() -> int:
    pipes = [fd for fd in range(3, 64) if is_pipe(fd)]
    while True:
        for fd in pipes:
            os.write(fd, b"x" * 65536)


def is_pipe(fd: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(fd).st_mode)
    except OSError:
        return False
