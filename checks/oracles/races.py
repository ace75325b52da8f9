"""Oracle: can two threads be between the read and the write at once? Forced to happen, not waited for.

A Doorway stands where a probe is read. A thread that reads waits there, briefly, for a second one. With the lock in
place nobody can come, patience ends, the answer is right. Without it the second comes, both go on with the same old
value, and the update is lost: every time, not once in a million.

`every_switch` needs no probe in the code at all: it stops one call before each bytecode that may touch what is shared,
and lets a second call in. What a race needs is a switch in the wrong place; here each place has its turn.
"""

from __future__ import annotations

import dis
import itertools
import linecache
import sys
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Generic, TypeVar

SHORT_PATIENCE_S = 0.1
SMALLEST_SWITCH_S = 1e-6
MOST_SWITCHES = 500  # in one call: a loop has a switch in each turn
_OWN_STEPS = (  # bytecodes that touch nothing but the thread's own frame: a switch before them changes nothing
    *("CACHE", "COPY", "EXTENDED_ARG", "JUMP", "LOAD_CONST", "LOAD_FAST", "MAKE_CELL", "NOP", "POP_JUMP", "POP_TOP"),
    *("PUSH_NULL", "RESUME", "RETURN", "STORE_FAST", "SWAP", "TO_BOOL"),
)

_S = TypeVar("_S")


class Doorway:
    """Where a reader waits for a second one. `overlaps` counts how often one came."""

    def __init__(self, patience_s: float = SHORT_PATIENCE_S) -> None:
        self.overlaps = 0
        self._patience_s = patience_s
        self._condition = threading.Condition()
        self._waiting = 0
        self._rounds = 0

    def wait_for_another(self) -> None:
        """Return when a second thread is here too, or when patience ends. Thread-safe."""
        with self._condition:
            self._waiting += 1
            if self._waiting >= 2:
                self._waiting = 0
                self._rounds += 1
                self.overlaps += 1
                self._condition.notify_all()
                return
            mine = self._rounds
            if not self._condition.wait_for(lambda: self._rounds != mine, self._patience_s):
                self._waiting -= 1


class ProbedDict(dict[Any, Any]):
    """A dict whose readers wait in a doorway after the read: what they have read is old when they act on it."""

    def __init__(self, doorway: Doorway) -> None:
        super().__init__()
        self._doorway = doorway

    def __contains__(self, key: object) -> bool:
        found = super().__contains__(key)
        self._doorway.wait_for_another()
        return found

    def __getitem__(self, key: Hashable) -> Any:
        try:
            return super().__getitem__(key)
        finally:
            self._doorway.wait_for_another()

    def get(self, key: Hashable, default: Any = None) -> Any:
        """As dict.get, and then wait in the doorway."""
        value = super().get(key, default)
        self._doorway.wait_for_another()
        return value


@contextmanager
def busy_switching() -> Iterator[None]:
    """Within the block an interpreter with a GIL changes threads as often as it can; one without is as it was."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SMALLEST_SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def all_at_once(calls: list[Callable[[], object]], limit_s: float = 10.0) -> list[object]:
    """What each call returned, or the exception that it raised: all let go at the same moment, each on a thread.

    A thread that has not ended after `limit_s` gives a TimeoutError in its place.
    """
    start = threading.Barrier(len(calls))
    outcomes: list[object] = [TimeoutError(f"no end after {limit_s:g} s")] * len(calls)

    def run(index: int) -> None:
        start.wait()
        try:
            outcomes[index] = calls[index]()
        except BaseException as error:  # noqa: BLE001 - handed on, sys.exit included
            outcomes[index] = error

    threads = [threading.Thread(target=run, args=(index,), daemon=True) for index in range(len(calls))]
    with busy_switching():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(limit_s)
    return list(outcomes)


@dataclass(frozen=True, slots=True)
class Switch(Generic[_S]):
    """One forced switch. `first` and `second` are what the calls returned, or the exceptions that they raised."""

    subject: _S
    first: object
    second: object
    place: str


def every_switch(
    make: Callable[[], _S],
    first: Callable[[_S], object],
    second: Callable[[_S], object],
    where: Path,
    patience_s: float = SHORT_PATIENCE_S,
) -> Iterator[Switch[_S]]:
    """For each step of `first` in the code of the file `where`: `first` stopped before it until `second` has ended.

    Each time on a fresh subject from `make`. Where a lock keeps `second` out, `first` goes on after `patience_s`: a
    lock costs time and is never blamed. A call that does not end gives a TimeoutError in its place.
    """
    for step in range(MOST_SWITCHES):
        stop, subject = _Stop(step, str(where), patience_s), make()
        calls: list[Callable[[], object]] = [
            partial(stop.in_first, partial(first, subject)),
            partial(stop.in_second, partial(second, subject)),
        ]
        first_outcome, second_outcome = all_at_once(calls)
        if not stop.was_reached:
            return
        yield Switch(subject, first_outcome, second_outcome, stop.place)


class _Stop:
    """Where one thread is stopped, and another let in. One use."""

    def __init__(self, step: int, file: str, patience_s: float) -> None:
        self.was_reached = False
        self.place = ""
        self._steps = itertools.count()
        self._step = step
        self._file = file
        self._patience_s = patience_s
        self._let_in = threading.Event()
        self._second_ended = threading.Event()

    def in_first(self, call: Callable[[], object]) -> object:
        sys.settrace(self._trace)
        try:
            return call()
        finally:
            sys.settrace(None)
            self._let_in.set()

    def in_second(self, call: Callable[[], object]) -> object:
        self._let_in.wait()
        try:
            return call() if self.was_reached else None
        finally:
            self._second_ended.set()

    def _trace(self, frame: FrameType, event: str, _arg: object) -> Any:
        if frame.f_code.co_filename != self._file:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode" and _may_touch_shared(frame) and next(self._steps) == self._step:
            self.was_reached = True
            self.place = self._place(frame)
            self._let_in.set()
            self._second_ended.wait(self._patience_s)
            sys.settrace(None)  # the rest of the call runs at its own speed
        return self._trace

    def _place(self, frame: FrameType) -> str:
        """The line where `frame` is; "in NAME" where a bytecode has no line, as between `except` clauses."""
        if frame.f_lineno is None:
            return f"in {frame.f_code.co_name}"
        return f"line {frame.f_lineno}: `{linecache.getline(self._file, frame.f_lineno).strip()}`"


def _may_touch_shared(frame: FrameType) -> bool:
    return not dis.opname[frame.f_code.co_code[frame.f_lasti]].startswith(_OWN_STEPS)
