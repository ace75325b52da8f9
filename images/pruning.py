"""What nobody has used for a month is removed from the cache when a new lab environment is made.

Used last: when `kept` gave it to somebody, or when a file at its top or in its `bin` was read (an environment's
pyvenv.cfg is, at each start of its Python), where the file system notes that. What a running process has in its
command, its environment or its memory is in use, however old. Only folders whose name ends in a hash are looked at:
whatever asks for one that was removed makes it again.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from images.cache import Say, discard

UNUSED_DAYS = 30
MADE = re.compile(r".+-[0-9a-f]{16}")
DAY_S = 86_400
PROC = Path("/proc")


def prune(root: Path, tell: Say) -> None:
    """Remove from the cache `root` what was not used for UNUSED_DAYS, and tell of each."""
    oldest = time.time() - UNUSED_DAYS * DAY_S
    for folder in sorted(root.iterdir()):
        if MADE.fullmatch(folder.name) and folder.is_dir() and used_last(folder) < oldest and not is_in_use(folder):
            discard(folder.name, root)
            tell(f"removed: {folder.name}, which nobody has used for {UNUSED_DAYS} days")


def used_last(folder: Path) -> float:
    """When somebody used the folder, in seconds since the epoch."""
    files = [*folder.iterdir(), *folder.glob("bin/*")]
    return max([folder.stat().st_mtime, *(file.lstat().st_atime for file in files if _is_own(file))])


def is_in_use(folder: Path) -> bool:
    """Whether a process of this user has something of it."""
    wanted = {os.fsencode(f"{path}/") for path in (folder, folder.resolve())}
    return any(path in said for said in _all_that_processes_have() for path in wanted)


def _is_own(file: Path) -> bool:
    """Whether it is a file of this folder: a link says when something else was used."""
    return file.is_file() and not file.is_symlink()


def _all_that_processes_have() -> Iterator[bytes]:
    """The command, environment and mapped files of each process that this user may look into."""
    for process in PROC.glob("[0-9]*"):
        for part in ("cmdline", "environ", "maps"):
            with suppress(OSError):
                yield (process / part).read_bytes()
