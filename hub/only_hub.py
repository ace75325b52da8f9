"""One hub for one workshop's data: a second one would give out slots and sessions that the first knows nothing of."""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path

from foundation.problem import Problem


def only_hub(state: Path) -> int:
    """A lock on the folder `state`, held until this process ends, however it ends. Raises Problem where one is held."""
    lock = os.open(state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = os.pread(lock, 100, 0).decode() or "?"
        os.close(lock)
        raise Problem(
            f"another hub works on this workshop's data (in the container {other})",
            expected="one hub for each name",
            do="docker compose ps shows it; for a second workshop: COMPOSE_PROJECT_NAME=second, and another port",
        ) from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, socket.gethostname().encode(), 0)
    return lock
