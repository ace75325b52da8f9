"""Events, semaphores and queues of the controlled world. Each operation is one step, made when it can be.

Whoever waits for a signal comes after it, and no other order is tried: that keeps the number of schedules small.
"""

from __future__ import annotations

import collections
import heapq
import queue as real_queue
from collections.abc import Callable
from types import TracebackType
from typing import Any

from checks.oracles.schedules.accesses import Access, Mode
from checks.oracles.schedules.control import HELD_UP_S, Run, running


def wait(
    subject: object, ready: Callable[[], bool], blocking: bool = True, timeout: float | None = None
) -> tuple[Run, bool]:
    """Wait until `ready()`, as long as asked. True beside the run if somebody could have found it not ready."""
    run = running()
    if not blocking or (timeout is not None and timeout <= 0):
        run.step()
        return run, True
    if timeout is None:
        run.step(ready, subject=subject)
        return run, False
    can_end_early = timeout <= HELD_UP_S
    is_ready = run.step(ready, run.now + timeout, subject, can_end_early)
    return run, can_end_early or not is_ready


class Event:
    """`threading.Event`, which a schedule controls."""

    def __init__(self) -> None:
        self._flag = False

    def is_set(self) -> bool:
        """As `threading.Event.is_set`."""
        run = running()
        run.step()
        run.record((("event", id(self)), Mode.LOOK), owner=self, words="looks at")
        return self._flag

    isSet = is_set  # noqa: N815 - the library's name

    def set(self) -> None:
        """As `threading.Event.set`."""
        run = running()
        run.step()
        mode = Mode.LOOK if self._flag else Mode.SIGNAL
        self._flag = True
        run.wakes_others()
        run.record((("event", id(self)), mode), owner=self, words="sets")

    def clear(self) -> None:
        """As `threading.Event.clear`."""
        run = running()
        run.step()
        self._flag = False
        run.wakes_others()
        run.record((("event", id(self)), Mode.CLEAR), owner=self, words="clears")

    def wait(self, timeout: float | None = None) -> bool:
        """As `threading.Event.wait`; the timeout is of virtual time."""
        run, looked = wait(self, lambda: self._flag, timeout=timeout)
        run.record((("event", id(self)), Mode.LOOK if looked else Mode.AWAIT), owner=self, words="has waited for")
        return self._flag


class Semaphore:
    """`threading.Semaphore`, which a schedule controls. An acquire waits for the permit that makes it possible."""

    def __init__(self, value: int = 1) -> None:
        if value < 0:
            raise ValueError("semaphore initial value must be >= 0")
        self._initial = value
        self._acquired = self._released = 0

    @property
    def _value(self) -> int:
        return self._initial + self._released - self._acquired

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        """As `threading.Semaphore.acquire`; the timeout is of virtual time."""
        if not blocking and timeout is not None:
            raise ValueError("can't specify timeout for non-blocking acquire")
        run, looked = wait(self, lambda: self._value > 0, blocking, timeout)
        accesses: list[Access] = [(("permits", id(self)), Mode.ALL_READ)] if looked else []
        got = self._value > 0
        if got:
            permit = self._acquired - self._initial
            accesses += [(("permits taken", id(self)), Mode.WRITE), (("permits", id(self)), Mode.KEY_WRITE)]
            if permit >= 0:
                accesses.append((("permit", id(self), permit), Mode.AWAIT))
            self._acquired += 1
            run.wakes_others()
        run.record(*accesses, owner=self, words="acquires" if got else "finds taken")
        return got

    def release(self, n: int = 1) -> None:
        """As `threading.Semaphore.release`."""
        if n < 1:
            raise ValueError("n must be one or more")
        run = running()
        run.step()
        self._check(run, n)
        permits: list[Access] = [(("permit", id(self), self._released + each), Mode.SIGNAL) for each in range(n)]
        self._released += n
        run.wakes_others()
        last = ("permits given", id(self))
        run.record((last, Mode.WRITE), (("permits", id(self)), Mode.KEY_WRITE), *permits, owner=self, words="releases")

    def _check(self, run: Run, n: int) -> None:
        """A semaphore without a bound takes all that comes."""

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


class BoundedSemaphore(Semaphore):
    """`threading.BoundedSemaphore`, which a schedule controls."""

    def _check(self, run: Run, n: int) -> None:
        run.record((("permits", id(self)), Mode.ALL_READ))
        if self._value + n > self._initial:
            raise ValueError("Semaphore released too many times")


class Queue:
    """`queue.Queue`, which a schedule controls. The n-th get waits for the n-th put, a put for a free place."""

    is_in_order = True  # puts and gets do not meet as long as something is in the queue

    def __init__(self, maxsize: int = 0) -> None:
        self.maxsize = maxsize
        self.unfinished_tasks = 0
        self.is_shutdown = False
        self._puts = self._gets = 0
        self._init(maxsize)

    def _init(self, maxsize: int) -> None:  # noqa: ARG002 - subclasses may want it
        self.queue: Any = collections.deque()

    def _qsize(self) -> int:
        return len(self.queue)

    def _put(self, item: Any) -> None:
        self.queue.append(item)

    def _get(self) -> Any:
        return self.queue.popleft()

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """As `queue.Queue.put`; the timeout is of virtual time."""
        _check_timeout(block, timeout)
        run, looked = wait(self, lambda: self._has_room() or self.is_shutdown, block and self.maxsize > 0, timeout)
        accesses = self._met(Mode.READ, looked and self.maxsize > 0)
        if self.is_shutdown or not self._has_room():
            run.record(*accesses, owner=self, words="finds full")
            raise _ShutDown() if self.is_shutdown else real_queue.Full
        accesses += [(("tail", id(self)), Mode.WRITE), (("put", id(self), self._puts), Mode.SIGNAL)]
        accesses.append((("idle", id(self)), Mode.CLEAR))
        if 0 < self.maxsize <= self._puts:
            accesses.append((("got", id(self), self._puts - self.maxsize), Mode.AWAIT))
        self._put(item)
        self._puts += 1
        self.unfinished_tasks += 1
        self._changed(run, accesses, "puts into")

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """As `queue.Queue.get`; the timeout is of virtual time."""
        _check_timeout(block, timeout)
        run, looked = wait(self, lambda: self._qsize() > 0 or self.is_shutdown, block, timeout)
        accesses = self._met(Mode.READ, looked)
        if not self._qsize():
            run.record(*accesses, owner=self, words="finds empty")
            raise _ShutDown() if self.is_shutdown else real_queue.Empty
        accesses += [(("head", id(self)), Mode.WRITE), (("put", id(self), self._gets), Mode.AWAIT)]
        accesses.append((("got", id(self), self._gets), Mode.SIGNAL))
        item = self._get()
        self._gets += 1
        self._changed(run, accesses, "gets from")
        return item

    def _has_room(self) -> bool:
        return self.maxsize <= 0 or self._qsize() < self.maxsize

    def _met(self, open_: Mode, looked: bool) -> list[Access]:
        accesses: list[Access] = [(("open", id(self)), open_)]
        if not self.is_in_order:
            accesses.append((("order", id(self)), Mode.WRITE))
        if looked:
            accesses.append((("size", id(self)), Mode.ALL_READ))
        return accesses

    def _changed(self, run: Run, accesses: list[Access], words: str) -> None:
        run.wakes_others()
        run.record(*accesses, (("size", id(self)), Mode.KEY_WRITE), owner=self, words=words)

    def put_nowait(self, item: Any) -> None:
        """As `queue.Queue.put_nowait`."""
        self.put(item, block=False)

    def get_nowait(self) -> Any:
        """As `queue.Queue.get_nowait`."""
        return self.get(block=False)

    def qsize(self) -> int:
        """As `queue.Queue.qsize`."""
        run = running()
        run.step()
        run.record((("size", id(self)), Mode.ALL_READ), owner=self, words="looks at the size of")
        return self._qsize()

    def empty(self) -> bool:
        """As `queue.Queue.empty`."""
        return self.qsize() == 0

    def full(self) -> bool:
        """As `queue.Queue.full`."""
        return 0 < self.maxsize <= self.qsize()

    def task_done(self) -> None:
        """As `queue.Queue.task_done`."""
        run = running()
        run.step()
        if self.unfinished_tasks <= 0:
            raise ValueError("task_done() called too many times")
        self.unfinished_tasks -= 1
        run.wakes_others()
        done: list[Access] = [(("unfinished", id(self)), Mode.WRITE)]
        if not self.unfinished_tasks:
            done.append((("idle", id(self)), Mode.SIGNAL))
        run.record(*done, owner=self, words="has done a task of")

    def join(self) -> None:
        """As `queue.Queue.join`."""
        run, _looked = wait(self, lambda: self.unfinished_tasks == 0)
        run.record((("idle", id(self)), Mode.AWAIT), owner=self, words="joins")

    def shutdown(self, immediate: bool = False) -> None:
        """As `queue.Queue.shutdown`, of Python 3.13 and later."""
        run = running()
        run.step()
        self.is_shutdown = True
        while immediate and self._qsize():
            self._get()
            self.unfinished_tasks -= 1
        run.wakes_others()
        run.record((("open", id(self)), Mode.WRITE), (("size", id(self)), Mode.ALL_WRITE), owner=self, words="shuts")


class LifoQueue(Queue):
    """`queue.LifoQueue`, which a schedule controls."""

    is_in_order = False

    def _init(self, maxsize: int) -> None:  # noqa: ARG002 - subclasses may want it
        self.queue = []

    def _get(self) -> Any:
        return self.queue.pop()


class PriorityQueue(Queue):
    """`queue.PriorityQueue`, which a schedule controls."""

    is_in_order = False

    def _init(self, maxsize: int) -> None:  # noqa: ARG002 - subclasses may want it
        self.queue = []

    def _put(self, item: Any) -> None:
        heapq.heappush(self.queue, item)

    def _get(self) -> Any:
        return heapq.heappop(self.queue)


class SimpleQueue(Queue):
    """`queue.SimpleQueue`, which a schedule controls."""

    def __init__(self) -> None:
        super().__init__()


def _check_timeout(block: bool, timeout: float | None) -> None:
    if block and timeout is not None and timeout < 0:
        raise ValueError("'timeout' must be a non-negative number")


def _ShutDown() -> Exception:  # noqa: N802 - stands for a class that Python 3.13 has
    kind: type[Exception] = getattr(real_queue, "ShutDown", RuntimeError)
    return kind()
