"""Fetch one file whose SHA-256 is known: resumed where it broke off, kept only where the hash is right.

Before that, `ask` finds out in seconds which addresses answer at all.
"""

from __future__ import annotations

import hashlib
import http.client
import shutil
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ANSWER_S = 6.0  # a server that says nothing for that long is taken as gone
PROBE_S = 6.0  # for all addresses together, asked at once
CHUNK = 256 * 1024
ATTEMPTS = 4
Say = Callable[[str], None]


class NotHere(Exception):  # noqa: N818 - an outcome that the caller goes on from
    """The address does not give the file; the text says why."""


def sha256_of(file: Path) -> str:
    """The SHA-256 of `file`, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def download(url: str, target: Path, sha256: str, say: Say) -> None:
    """Put the file at `url` into `target`. Raises NotHere where it is not there, breaks off, or has another hash.

    A part that broke off stays beside `target` and is resumed, from whatever address; a wrong one is removed.
    """
    part = target.with_name(f"{target.name}.part")
    resumed = part.exists()
    fetch(url, part, say)
    if sha256_of(part) != sha256 and resumed:
        part.unlink()
        fetch(url, part, say)
    found = sha256_of(part)
    if found != sha256:
        part.unlink()
        raise NotHere(f"wrong SHA-256 {found[:16]}..., expected {sha256[:16]}...: removed")
    part.rename(target)


def fetch(url: str, part: Path, say: Say) -> None:
    """Append to `part` what is missing of the file at `url`; begin again where a connection breaks off."""
    for _ in range(ATTEMPTS):
        before = part.stat().st_size if part.exists() else 0
        try:
            if _fetch_once(url, part, before, say):
                return
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
                return
            raise NotHere(f"HTTP {error.code}") from error
        except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
            if not part.exists() or part.stat().st_size == before:
                raise NotHere(reason_of(error)) from error
    raise NotHere(f"broke off {ATTEMPTS} times, the last time after {part.stat().st_size / 1e6:.1f} MB")


def _fetch_once(url: str, part: Path, have: int, say: Say) -> bool:
    """Fetch from byte `have` on; whether all that the server promised has come."""
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
        resumes = getattr(answer, "status", None) == http.client.PARTIAL_CONTENT
        offset = have if resumes else 0
        promised = int(answer.headers.get("Content-Length") or -1)
        say(f"downloading {promised / 1e6:.1f} MB" + (f", after the {offset / 1e6:.1f} MB there" if offset else ""))
        with part.open("r+b" if part.exists() else "wb") as file:
            file.truncate(offset)
            file.seek(offset)
            shutil.copyfileobj(answer, file, CHUNK)
            came = file.tell() - offset
    return promised in (-1, came)


def reason_of(error: Exception) -> str:
    """Why an address did not answer, in few words."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"its certificate cannot be verified: {reason.verify_message}"
    return str(getattr(reason, "strerror", None) or reason) or type(error).__name__


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether any answer `came` from an address, and why it is not a good one ("" where it is)."""

    came: bool
    reason: str = ""


def ask(urls: Sequence[str], limit_s: float) -> list[Answer]:
    """What each of `urls` answers to a HEAD request; all are asked at once and none gets longer than `limit_s`."""
    answers = [Answer(came=False, reason=f"no answer in {limit_s:.0f} s") for _ in urls]

    def ask_one(index: int) -> None:
        answers[index] = _answer_of(urls[index], limit_s)

    # Threads, because looking up a name has no time limit; daemons, because nobody waits for them at the end.
    threads = [threading.Thread(target=ask_one, args=(index,), daemon=True) for index in range(len(urls))]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + limit_s
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return list(answers)


def _answer_of(url: str, limit_s: float) -> Answer:
    try:
        urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=limit_s).close()
    except urllib.error.HTTPError as error:
        error.close()
        return Answer(came=True, reason=f"HTTP {error.code}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        is_folder = isinstance(getattr(error, "reason", None), IsADirectoryError)
        return Answer(came=True) if is_folder else Answer(came=False, reason=reason_of(error))
    return Answer(came=True)
