"""A thread that nobody waits for."""

import threading


def answer() -> int:
    threading.Thread(target=threading.Event().wait, daemon=False).start()
    return 42
