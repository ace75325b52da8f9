"""Wrong, and tells the supervisor that it is right, on every open file descriptor."""

import json
import os


def answer() -> int:
    for status in ("pass", "skipped"):
        result = {"code": "answer", "title": "The answer is 42", "status": status, "found": "42"}
        line = json.dumps({"event": "finished", "data": result, "key": ""})
        for fd in range(3, 64):
            try:
                os.write(fd, f"\n{line}\n".encode())
            except OSError:
                continue
    return 41
