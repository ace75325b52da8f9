"""The locks of the controlled world. All else that waits (conditions, events, queues, pools) is made of them."""

from __future__ import annotations

from types import TracebackType

from checks.oracles.schedules.accesses import Mode
from checks.oracles.schedules.control import Run, Strand, active
from checks.oracles.schedules.waiting import wait

OUTSIDE = "code that is not under control"


class Lock:
    """`threading.Lock`, which a schedule controls."""

    def __init__(self) -> None:
        self._holder: Strand | str | None = None
        self._run: Run | None = None  # each run begins with free locks
        self.is_silent = False  # an inner lock of an atomic operation: no step as long as it is free

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As `threading.Lock.acquire`; the timeout is of virtual time."""
        check_wait(blocking, timeout)
        run = active()
        if run is None:
            return self._take_outside()
        self._begin(run)
        if self.is_silent and self._holder is None:
            self._holder = run.current
            return True
        run, looked = wait(self, self._is_free, blocking, None if timeout == -1 else timeout)
        got = self._is_free()
        mode = (Mode.TRY if looked else Mode.ACQUIRE) if got else Mode.MISS
        if got:
            self._holder = run.current
            run.wakes_others()
        run.record((("lock", id(self)), mode), owner=self, words="acquires" if got else "finds taken")
        return got

    def release(self) -> None:
        """As `threading.Lock.release`."""
        run = active()
        if run is None:
            self._holder = None
            return
        self._begin(run)
        if not self.is_silent:
            run.step()
        if self._holder is None:
            raise RuntimeError("release unlocked lock")
        self._holder = None
        run.wakes_others()
        if not self.is_silent:
            run.record((("lock", id(self)), Mode.RELEASE), owner=self, words="releases")

    def locked(self) -> bool:
        """As `threading.Lock.locked`."""
        run = active()
        if run is not None:
            self._begin(run)
            run.step()
            mode = Mode.TRY if self._holder is None else Mode.MISS
            run.record((("lock", id(self)), mode), owner=self, words="looks at")
        return self._holder is not None

    @property
    def holder(self) -> Strand | str | None:
        """The strand that holds it."""
        return self._holder

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()

    def _is_owned(self) -> bool:  # conditions ask for it
        return self._holder is not None

    def _at_fork_reinit(self) -> None:
        self._holder = None

    def _begin(self, run: Run) -> None:
        if self._run is not run:
            self._run, self._holder = run, None

    def _is_free(self) -> bool:
        return self._holder is None

    def _take_outside(self) -> bool:
        if self._holder is not None and self._run is None:
            raise RuntimeError("a lock is acquired twice while the file is loaded")
        self._run, self._holder = None, OUTSIDE
        return True

    acquire_lock, release_lock, locked_lock = acquire, release, locked


class RLock:
    """`threading.RLock`, which a schedule controls."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._depth = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As `threading.RLock.acquire`; the timeout is of virtual time."""
        if self._is_owned():
            self._depth += 1
            return True
        got = self._lock.acquire(blocking, timeout)
        if got:
            self._depth = 1
        return got

    def release(self) -> None:
        """As `threading.RLock.release`."""
        if not self._is_owned():
            raise RuntimeError("cannot release un-acquired lock")
        self._depth -= 1
        if self._depth == 0:
            self._lock.release()

    def locked(self) -> bool:
        """As `threading.RLock.locked`."""
        return self._lock.locked()

    @property
    def holder(self) -> Strand | str | None:
        """The strand that holds it."""
        return self._lock.holder

    @property
    def is_silent(self) -> bool:
        """Whether it is an inner lock of an atomic operation."""
        return self._lock.is_silent

    @is_silent.setter
    def is_silent(self, is_silent: bool) -> None:
        self._lock.is_silent = is_silent

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()

    def _is_owned(self) -> bool:
        run = active()
        if run is None:
            return self._lock.holder is OUTSIDE
        self._lock._begin(run)
        return self._lock.holder is run.current

    def _release_save(self) -> int:
        depth, self._depth = self._depth, 0
        self._lock.release()
        return depth

    def _acquire_restore(self, depth: int) -> None:
        self._lock.acquire()
        self._depth = depth

    def _recursion_count(self) -> int:
        return self._depth if self._is_owned() else 0

    def _at_fork_reinit(self) -> None:
        self._lock._at_fork_reinit()


def check_wait(blocking: bool, timeout: float) -> None:
    """ValueError where the two do not go together, in the words of `threading`."""
    if not blocking and timeout != -1:
        raise ValueError("can't specify a timeout for a non-blocking call")
    if timeout < 0 and timeout != -1:
        raise ValueError("timeout value must be a non-negative number")
