"""Secrets that are made once, at first use, and kept in a file that only their owner can read."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from foundation import files

# no 0/o, 1/i/l: read aloud and typed by people
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
GROUPS, GROUP_LENGTH = 3, 4


def code() -> str:
    """Something to type, like "k7qm-3xwd-9tha": 59 random bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))


def kept_secret(file: Path, make: Callable[[], str] = secrets.token_hex) -> str:
    """What `file` holds; if there is no such file, it is made first. Of many simultaneous calls one makes it."""
    with suppress(FileNotFoundError):
        return file.read_text(encoding="ascii").strip()
    with suppress(FileExistsError):
        files.write_new(file, f"{make()}\n")
    return file.read_text(encoding="ascii").strip()
