"""As `leaves_a_daemon`, and the process is gone while the grandchild goes on writing."""

import os
from pathlib import Path


def answer() -> int:
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.setsid()
        Path("pid").write_text(str(os.getpid()))
        os.close(reader)
        os.close(writer)
        while True:
            print("still here")
    os.close(writer)
    os.read(reader, 1)
    os._exit(5)
