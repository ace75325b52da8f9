"""One measured figure, beside what was promised."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A value with its unit; `at_most` or `at_least` is the promise, None if there is none."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the promise is kept; True if there is none."""
        above = self.at_least is not None and self.value < self.at_least
        return not above and (self.at_most is None or self.value <= self.at_most)

    def __str__(self) -> str:
        """A line for people."""
        limits = (("at most", self.at_most), ("at least", self.at_least))
        promise = "".join(f"   {word} {limit:g} {self.unit}" for word, limit in limits if limit is not None)
        mark = " " if not promise else ("✔" if self.is_kept else "✘")
        return f"  {mark} {self.name:<58} {self.value:8.2f} {self.unit}{promise}"


@dataclass
class Stopwatch:
    """Seconds of a block, once it has ended."""

    seconds: float = 0.0


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    """Time the block."""
    watch, began = Stopwatch(), time.monotonic()
    yield watch
    watch.seconds = time.monotonic() - began
