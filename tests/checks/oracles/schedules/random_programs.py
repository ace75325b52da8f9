"""Small programs made of a seed: threads that read, write, lock, signal and queue, in any order."""

from __future__ import annotations

from random import Random

HEAD = """
import queue
from threading import Event, Lock, Semaphore
from time import sleep

class Shared:
    def __init__(s):
        s.x, s.y, s.d, s.l = 0, 0, {}, []
        s.lock, s.event, s.queue, s.semaphore = Lock(), Event(), queue.Queue(), Semaphore(1)

    def state(s):
        items, is_set, permits = list(s.queue.queue), s.event.is_set(), s.semaphore.acquire(blocking=False)
        return s.x, s.y, sorted(s.d.items()), s.l, items, is_set, permits
"""
SIMPLE = (
    "s.x += 1",
    "s.y = s.x",
    "s.x = s.y + {number}",
    "s.d['{key}'] = s.x",
    "seen.append(s.d.get('a'))",
    "s.d.setdefault('{key}', {number})",
    "s.l.append({number})",
    "seen.append(len(s.l))",
    "seen.append(s.x)",
    "seen.append(s.lock.acquire(blocking=False) and (s.lock.release() or 1))",
    "sleep(0.1)",
    "s.event.set()",
    "s.event.clear()",
    "s.queue.put({number})",
    "seen.append(s.queue.qsize())",
    "s.semaphore.release()",
    "seen.append(s.semaphore.acquire(timeout=0.5))",
)
COMPOUND = (
    "if 'b' in s.d: s.y += 10",
    "if s.l: seen.append(s.l.pop())",
    "if not s.event.is_set(): seen.append('not set')",
    "for key in list(s.d): seen.append(key)",
    "try: seen.append(s.queue.get_nowait())\n    except queue.Empty: seen.append('empty')",
    "with s.lock:\n        {a}\n        {b}",
    "with s.semaphore:\n        {a}",
    "with s.lock:\n        s.queue.put({number})\n    {a}",
)


def random_program(seed: int, threads: int, length: int) -> str:
    """A program whose `scene()` has so many calls of so many statements; its judge promises nothing."""
    random = Random(seed)
    bodies = ["\n    ".join(_statement(random) for _ in range(length)) for _ in range(threads)]
    calls = "".join(
        f"def call_{n}(s):\n    seen = []\n    {body}\n    return seen\n\n" for n, body in enumerate(bodies)
    )
    return f"{HEAD}\n{calls}"


def _statement(random: Random) -> str:
    if random.random() < 0.6:
        return _filled(random, random.choice(SIMPLE))
    inner = {name: _filled(random, random.choice(SIMPLE)) for name in "ab"}
    return _filled(random, random.choice(COMPOUND), **inner)


def _filled(random: Random, text: str, **inner: str) -> str:
    return text.format(number=random.randint(1, 9), key=random.choice("ab"), **inner)
