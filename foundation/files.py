"""Files written whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from foundation.problem import Problem


def write(target: Path, content: bytes) -> None:
    """Replace `target` by `content`; a full disk (a Problem), a kill or a Ctrl-C leaves what was there."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise not_written(target, error) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise not_written(target, error) from None
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def not_written(target: Path, error: OSError) -> Problem:
    """The problem to show where `target` could not be written because of `error`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        do = f"make room there (`df -h {target.parent}` shows how much there is), then the same command again"
    else:
        do = f"look at what is there (`ls -ld {target.parent} {target}`), then the same command again"
    return Problem(
        f"{target} cannot be written: {error.strerror}", expected="a folder that is yours, with room in it", do=do
    )
