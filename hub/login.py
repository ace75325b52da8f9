"""Login codes: each opens the workshop once, in one browser, within 12 hours.

    python -m hub.login FOLDER        makes a code and prints it

A code is 256 random bits. FOLDER holds one empty file per code, named by the code's SHA-256: who can read the folder
learns no code, and a code is spent by removing its file, which succeeds for exactly one of two simultaneous requests.
"""

from __future__ import annotations

import hashlib
import secrets
import sys
import time
from contextlib import suppress
from pathlib import Path

LIFETIME_S = 12 * 3600
CODE_BYTES = 32


def mint(folder: Path) -> str:
    """A new code, from now on accepted once. Codes that nobody used in time are forgotten."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _forget_expired(folder)
    code = secrets.token_urlsafe(CODE_BYTES)
    _record(folder, code).touch(mode=0o600, exist_ok=False)
    return code


def redeem(folder: Path, code: str) -> bool:
    """Whether `code` was minted here, is not too old, and had not been used before this call. It is used now."""
    record = _record(folder, code)
    try:
        minted = record.stat().st_mtime
        record.unlink()
    except FileNotFoundError:
        return False
    return time.time() - minted <= LIFETIME_S


def _record(folder: Path, code: str) -> Path:
    return folder / hashlib.sha256(code.encode()).hexdigest()


def _forget_expired(folder: Path) -> None:
    for record in folder.iterdir():
        with suppress(FileNotFoundError):
            if time.time() - record.stat().st_mtime > LIFETIME_S:
                record.unlink()


if __name__ == "__main__":
    print(mint(Path(sys.argv[1])))
