"""Many processes that share the pages of one: little memory, counted once."""

import os
import signal
import time

BLOCK = b"\x01" * (128 << 20)


def answer() -> int:
    children = []
    for _ in range(5):
        child = os.fork()
        if child == 0:
            signal.pause()
        children.append(child)
    time.sleep(0.3)  # for the supervisor to look, several times
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return 42
