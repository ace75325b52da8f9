"""Reads what faulthandler wrote about a process that hung, and says it in an attendee's words."""

from __future__ import annotations

import linecache
import os
import re
from collections import Counter
from pathlib import Path

_THREAD = re.compile(r"^(?:Current t|T)hread 0x")
_READ_BYTES = 1 << 20  # of the end: the code under test may have written to the same file
_FRAME = re.compile(r'^\s+File "(?P<file>.+)", line (?P<line>\d+) in (?P<function>.+)$')


def where_it_stood(dump: Path, code_file: Path | None) -> str:
    """`; 3 threads at line 12, in worker: "lock.acquire()"` for each place in `code_file` with a thread; "" if none."""
    if code_file is None or not dump.exists():
        return ""
    places = Counter(place for stack in _stacks(_end_of(dump)) if (place := _innermost(stack, code_file)))
    return "".join(f"; {_threads(count)} at {place}" for place, count in places.most_common(4))


def _end_of(dump: Path) -> str:
    with dump.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _READ_BYTES))
        return file.read(_READ_BYTES).decode("ascii", errors="replace")


def _stacks(text: str) -> list[list[str]]:
    """The dump's lines, one list for each thread, the innermost frame first."""
    stacks: list[list[str]] = []
    for line in text.splitlines():
        if _THREAD.match(line):
            stacks.append([])
        elif stacks:
            stacks[-1].append(line)
    return stacks


def _innermost(stack: list[str], code_file: Path) -> str:
    """The innermost place of one thread's stack that lies in `code_file`, with its source line."""
    written = str(code_file).encode("ascii", "backslashreplace").decode()  # as faulthandler writes it
    for line in stack:
        match = _FRAME.match(line)
        if match and match["file"] == written:
            source = linecache.getline(str(code_file), int(match["line"])).strip()
            return f'line {match["line"]}, in {match["function"]}: "{source}"'
    return ""


def _threads(count: int) -> str:
    return "one thread" if count == 1 else f"{count} threads"
