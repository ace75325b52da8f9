"""A lock on a file or a folder: one process at a time, on this machine.

The kernel keeps it (flock) and gives it up when its holder ends, whatever ends it. The file stays where it is: if it
were removed, two could hold the lock, one on the old file and one on the new.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from foundation.files import PRIVATE, not_written

NAME_BYTES = 100


class Taken(Exception):  # noqa: N818 - an outcome that the caller goes on from
    """Somebody else holds the lock. `by` is the name that the holder has left in the file, "?" if there is none."""

    def __init__(self, by: str) -> None:
        super().__init__(f"held by {by}")
        self.by = by


@contextmanager
def locked(path: Path, *, waiting: Callable[[], None] | None = None, inheritable: bool = False) -> Iterator[None]:
    """Hold the lock on `path` for the block. If somebody else has it, call `waiting` once, and wait.

    inheritable: commands that are started in the block with `close_fds=False` hold the lock too. One that outlives its
    killed parent then keeps the next from working beside it.
    """
    handle = _opened(path)
    try:
        os.set_inheritable(handle, inheritable)
        if not _try(handle):
            if waiting:
                waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def locked_at_once(path: Path, name: str = "") -> Iterator[None]:
    """Hold the lock on `path` for the block and leave `name` in the file. Raises Taken if somebody else has it."""
    handle = take(path, name)
    try:
        yield
    finally:
        os.close(handle)


def take(path: Path, name: str = "") -> int:
    """Hold the lock on `path` until this process ends, or the handle that is returned is closed; else as above."""
    handle = _opened(path)
    if not _try(handle):
        by = _name_in(handle)
        os.close(handle)
        raise Taken(by)
    if name:
        with suppress(OSError):  # on a full disk the lock holds as well, without a name
            os.ftruncate(handle, 0)
            os.pwrite(handle, name.encode(), 0)
    return handle


def _name_in(handle: int) -> str:
    with suppress(OSError):  # a folder holds none
        return os.pread(handle, NAME_BYTES, 0).decode(errors="replace") or "?"
    return "?"


def _opened(path: Path) -> int:
    """A handle of `path`: of the folder that is there, or of a file, which is made if need be. Problem if it cannot."""
    try:
        if path.is_dir():
            return os.open(path, os.O_RDONLY)
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE)
    except OSError as error:
        raise not_written(path, error) from None


def _try(handle: int) -> bool:
    """Whether the lock could be had at once."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
