"""One hub for one workshop's data: a second one would give out slots and sessions that the first knows nothing of."""

from __future__ import annotations

import socket
from pathlib import Path

from foundation.lock import Taken, take
from foundation.problem import Problem


def only_hub(state: Path) -> int:
    """A lock on the folder `state`, held until this process ends, however it ends. Raises Problem if one is held."""
    try:
        return take(state / "lock", name=socket.gethostname())
    except Taken as taken:
        raise Problem(
            f"another hub works on this workshop's data (in the container {taken.by})",
            expected="one hub for each name",
            do="docker compose ps shows it; for a second workshop: COMPOSE_PROJECT_NAME=second, and another port",
        ) from None
