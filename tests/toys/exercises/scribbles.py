"""Garbage to every open file descriptor, events that are none among it."""

import json
import os

GARBAGE = [
    "garbage without an end of line",
    "\n[[[\n" + "[" * 100_000 + "\n",
    *("\n" + json.dumps(event) + "\n" for event in (
        5,
        {"event": "suite", "data": {"checks": [], "facts": {}}},
        {"event": "suite", "data": 5},
        {"event": "started", "data": "no such check"},
        {"event": "started", "data": ["answer"]},
        {"event": "finished", "data": {"code": "answer", "title": "", "status": "wonderful"}},
        {"event": "finished", "data": {"code": "answer", "title": 5, "status": "pass"}},
        {"event": "finished", "data": {"code": "after", "title": "", "status": "fail"}},
        {"event": "dance", "data": {}},
    )),
    "garbage without an end of line, \ud800",
]  # fmt: skip


def answer() -> int:
    for fd in range(64):
        for text in GARBAGE:
            try:
                os.write(fd, text.encode(errors="surrogatepass"))
            except OSError:
                break
    return 42
