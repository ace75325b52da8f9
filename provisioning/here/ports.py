"""TCP ports of 127.0.0.1: which are free, and who holds one that is not."""

from __future__ import annotations

import pwd
import socket
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from foundation.processes import process

PROC = Path("/proc")
LISTENING = "0A"
LAST_PORT = 65535


def is_free(port: int) -> bool:
    """Whether a server can listen on 127.0.0.1:`port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
        return True


def free_ports(first: int, how_many: int) -> list[int]:
    """The first `how_many` free ports from `first` upwards; fewer if the range ends."""
    return list(islice(filter(is_free, range(first, LAST_PORT + 1)), how_many))


def holder(port: int) -> str:
    """Who listens on `port`, in words: the command and pid, or the user if no more can be seen."""
    for inode, uid in _listeners(port):
        pid = _owner_of_socket(inode)
        found = process(pid) if pid else None
        if found:
            return f"{found.command[:100]} (pid {found.pid})"
        with suppress(KeyError):
            return f"a process of the user {pwd.getpwuid(uid).pw_name}"
    return "a process that cannot be seen from here"


def _listeners(port: int) -> Iterator[tuple[str, int]]:
    """The socket inode and the user id of each listener on `port`, from /proc/net/tcp and tcp6."""
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (PROC / "net" / table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    yield fields[9], int(fields[7])


def _owner_of_socket(inode: str) -> int | None:
    """The pid that has the socket open; None if it belongs to somebody else."""
    wanted = f"socket:[{inode}]"
    for entry in PROC.iterdir():
        if not entry.name.isdecimal():
            continue
        with suppress(OSError):
            if any(str(handle.readlink()) == wanted for handle in (entry / "fd").iterdir()):
                return int(entry.name)
    return None
