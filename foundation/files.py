"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from foundation.problem import Problem

PRIVATE = 0o600
FOR_ALL_TO_READ = 0o644


def write(target: Path, content: str | bytes, *, mode: int = PRIVATE) -> None:
    """Replace `target` by `content`. A Problem (a full disk), a kill, a Ctrl-C or a power cut leaves what was there.

    The content is on the disk before it gets its name. Some file systems would put the name there first, and after a
    power cut the file would be empty. The folder is not synced: after a power cut the old file may be back, whole.
    """
    with _draft(target, content, mode) as draft, _told(target):
        draft.replace(target)


def write_new(target: Path, content: str | bytes, *, mode: int = PRIVATE) -> None:
    """Write `target` as `write` does; FileExistsError if it is there already. Of many at once one writes."""
    with _draft(target, content, mode) as draft, _told(target, but=FileExistsError):
        target.hardlink_to(draft)  # unlike a rename, it never replaces another's


@contextmanager
def _draft(target: Path, content: str | bytes, mode: int) -> Iterator[Path]:
    """A file beside `target` with `content`; it is gone after the block, unless the block has renamed it."""
    with ExitStack() as stack:
        with _told(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
            stack.callback(Path(name).unlink, missing_ok=True)
            with os.fdopen(handle, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fchmod(handle, mode)
                os.fsync(handle)
        yield Path(name)


@contextmanager
def _told(target: Path, but: type[OSError] | tuple[()] = ()) -> Iterator[None]:
    """Raise a Problem for an OSError of the block, `but` for that one."""
    try:
        yield
    except but:
        raise
    except OSError as error:
        raise not_written(target, error) from None


def not_written(target: Path, error: OSError) -> Problem:
    """The problem to show if `target` could not be written because of `error`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        do = f"make room there (`df -h {target.parent}` shows how much there is), then the same command again"
    else:
        do = f"look at what is there (`ls -ld {target.parent} {target}`), then the same command again"
    return Problem(
        f"{target} cannot be written: {error.strerror}", expected="a folder that is yours, with room in it", do=do
    )
