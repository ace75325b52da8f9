"""Right, by way of modules whose names may lie beside it."""

import enum
import json
import random
import re
import threading


class Answer(enum.IntEnum):
    VALUE = 42


def answer() -> int:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(json.loads("42")))
    thread.start()
    thread.join()
    return int(re.sub(r"\D", "", str(random.choice([found[0], Answer.VALUE.value]))))
