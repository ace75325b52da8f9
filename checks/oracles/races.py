"""Oracle: can two threads be between the read and the write at once? Forced to happen, not waited for.

A Doorway stands where a probe is read. A thread that reads waits there, briefly, for a second one. With the lock in
place nobody can come, patience ends, the answer is right. Without it the second comes, both go on with the same old
value, and the update is lost: every time, not once in a million.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

SHORT_PATIENCE_S = 0.1
SMALLEST_SWITCH_S = 1e-6


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
        value = super().__getitem__(key)
        self._doorway.wait_for_another()
        return value

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
        except Exception as error:  # noqa: BLE001 - handed on
            outcomes[index] = error

    threads = [threading.Thread(target=run, args=(index,), daemon=True) for index in range(len(calls))]
    with busy_switching():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(limit_s)
    return list(outcomes)
