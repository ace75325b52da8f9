"""A grandchild with its own session, without a parent, that writes for ever to what it has inherited."""

import os
from pathlib import Path


def answer() -> int:
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            Path("pid").write_text(str(os.getpid()))
            os.close(reader)
            os.close(writer)
            while True:
                print("still here")
        os._exit(0)
    os.wait()
    os.close(writer)
    os.read(reader, 1)  # until the grandchild has written its pid
    return 42
