"""Oracle: do things really happen at the same time? Proved without a clock, and drawn.

A Rendezvous is a meeting point inside the work: a party goes on only when all are there at once. Only concurrent
execution can pass it, on any machine, however noisy. With the GIL proved off, concurrent is parallel.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from checks.suite import Failed

PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of work: what, on which thread, from when to when (seconds after the trace began)."""

    name: str
    thread: int
    start_s: float
    end_s: float


@dataclass
class Trace:
    """Who worked when. Guarantees: spans may be added from any thread (one lock round an append)."""

    spans: list[Span] = field(default_factory=list)
    _began: float = field(default_factory=time.perf_counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def now_s(self) -> float:
        """Seconds since the trace began."""
        return time.perf_counter() - self._began

    def add(self, name: str, start_s: float) -> None:
        """Add the stretch of work `name` of the calling thread, from `start_s` to now."""
        span = Span(name, threading.get_ident(), start_s, self.now_s())
        with self._lock:
            self.spans.append(span)

    def details(self) -> dict[str, Any]:
        """The spans for a picture: [lane, name, start, end], lanes numbered in the order of their first work."""
        with self._lock:
            spans = sorted(self.spans, key=lambda span: span.start_s)
        lanes = {thread: lane for lane, thread in enumerate(dict.fromkeys(span.thread for span in spans))}
        rows = [[lanes[span.thread], span.name, round(span.start_s, 5), round(span.end_s, 5)] for span in spans]
        return {"timeline": rows}


class Rendezvous:
    """A point that `parties` threads must reach at the same time.

    `meet` is called from inside the work. The first failure breaks it for good: later callers pass at once, so that a
    sequential answer costs one patience, not one for each task.
    """

    def __init__(self, parties: int, patience_s: float = PATIENCE_S) -> None:
        self.parties = parties
        self.trace = Trace()
        self._patience_s = patience_s
        self._lock = threading.Condition()
        self._here: set[int] = set()
        self._most = 0
        self._open = False  # all have met, or one has given up: nobody waits any more

    def meet(self, name: str = "") -> None:
        """Wait until all parties are here, or patience ends. Thread-safe; never raises."""
        start_s = self.trace.now_s()
        me = threading.get_ident()
        with self._lock:
            self._here.add(me)
            self._most = max(self._most, len(self._here))
            if len(self._here) >= self.parties:
                self._open = True
                self._lock.notify_all()
            if not self._lock.wait_for(lambda: self._open, self._patience_s):
                self._open = True
                self._lock.notify_all()
            self._here.discard(me)
        self.trace.add(name, start_s)

    @property
    def most_at_once(self) -> int:
        """The most threads that were inside at the same time."""
        return self._most

    def require_met(self, what: str) -> str:
        """What was found, where all parties met; Failed otherwise. what: "rows", "downloads"."""
        if self._most >= self.parties:
            return f"{self.parties} {what} at the same time, each on its own thread"
        none = self._most == 0
        found = f"no {what} were worked on at all" if none else f"at most {self._most} of the {what} at the same time"
        raise Failed(
            found, expected=f"{self.parties} at the same time, each on its own thread", details=self.trace.details()
        )
