"""`threading.Thread` and what belongs to it, in the controlled world."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from checks.oracles.schedules.accesses import Mode
from checks.oracles.schedules.control import Abort, Strand, active, running
from checks.oracles.schedules.waiting import wait


class Thread:
    """`threading.Thread`: a strand of the run that starts it."""

    def __init__(
        self,
        group: None = None,
        target: Callable[..., object] | None = None,
        name: str | None = None,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        daemon: bool | None = None,
        context: object = None,  # noqa: ARG002 - of Python 3.14; each strand has a context of its own
    ) -> None:
        assert group is None, "group argument must be None for now"
        self._target, self._args, self._kwargs = target, tuple(args), dict(kwargs or {})
        self._strand: Strand | None = None
        self._is_initialized = True
        self.name = name or _next_name(getattr(target, "__name__", type(self).__name__))
        self.daemon = bool(daemon)

    def start(self) -> None:
        """As `threading.Thread.start`."""
        run = running()
        if not getattr(self, "_is_initialized", False):
            raise RuntimeError("thread.__init__() not called")
        if self._strand is not None:
            raise RuntimeError("threads can only be started once")
        run.step()
        self._strand = run.spawn(self.name, self._live, self.daemon)
        self._strand.thread = self
        run.record(owner=self, words=f"starts {self.name}")

    def run(self) -> None:
        """As `threading.Thread.run`."""
        if self._target is not None:
            self._target(*self._args, **self._kwargs)

    def join(self, timeout: float | None = None) -> None:
        """As `threading.Thread.join`; the timeout is of virtual time."""
        run, strand = running(), self._strand
        if strand is None:
            raise RuntimeError("cannot join thread before it is started")
        if strand is run.current:
            raise RuntimeError("cannot join current thread")
        run, looked = wait(self, strand.is_done, timeout=timeout)
        run.record((("end", strand.number), Mode.LOOK if looked else Mode.AWAIT), owner=self, words="joins")

    def is_alive(self) -> bool:
        """As `threading.Thread.is_alive`."""
        run, strand = active(), self._strand
        if run is None or strand is None:
            return False
        run.step()
        run.record((("end", strand.number), Mode.LOOK), owner=self, words="asks whether it lives")
        return not strand.is_done()

    @property
    def ident(self) -> int | None:
        """A number of its own."""
        return None if self._strand is None else self._strand.number + 1

    native_id = ident

    def isDaemon(self) -> bool:  # noqa: N802 - the library's name
        """As `threading.Thread.isDaemon`."""
        return self.daemon

    def setDaemon(self, daemonic: bool) -> None:  # noqa: N802 - the library's name
        """As `threading.Thread.setDaemon`."""
        self.daemon = daemonic

    def getName(self) -> str:  # noqa: N802 - the library's name
        """As `threading.Thread.getName`."""
        return self.name

    def setName(self, name: str) -> None:  # noqa: N802 - the library's name
        """As `threading.Thread.setName`."""
        self.name = name

    def __hash__(self) -> int:
        run = active()  # sets of threads have the same order in each run
        return run.number_of(self) if run else super().__hash__()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __repr__(self) -> str:
        return f"<Thread({self.name})>"

    def _live(self) -> None:
        try:
            self.run()
        except (Abort, SystemExit):
            pass
        except BaseException as error:  # noqa: BLE001 - as `threading.excepthook`: told, and the program goes on
            running().lost.append((self.name, error))


class Timer(Thread):
    """`threading.Timer`, on virtual time."""

    def __init__(
        self,
        interval: float,
        function: Callable[..., object],
        args: Iterable[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(target=function, args=args or (), kwargs=kwargs)
        self.interval, self._is_cancelled = interval, False

    def cancel(self) -> None:
        """As `threading.Timer.cancel`."""
        run = active()
        if run:
            run.step()
            run.record((("timer", id(self)), Mode.WRITE), owner=self, words="cancels")
        self._is_cancelled = True

    def run(self) -> None:
        """Wait, then call, if nobody has cancelled."""
        sleep(self.interval)
        run = running()
        run.step()
        run.record((("timer", id(self)), Mode.WRITE), owner=self, words="goes off")
        if not self._is_cancelled:
            super().run()


def _next_name(what: str) -> str:
    run = active()
    return f"Thread-{run.next_thread() if run else 0} ({what})"


def thread_of(strand: Strand) -> Thread:
    """The object that `threading.current_thread()` gives on `strand`."""
    if strand.thread is None:
        strand.thread = Thread(name="MainThread" if strand.number == 0 else strand.name, daemon=strand.is_daemon)
        strand.thread._strand = strand
    return strand.thread  # type: ignore[no-any-return]


def current_thread() -> Thread:
    """As `threading.current_thread`."""
    return thread_of(running().current)


def main_thread() -> Thread:
    """As `threading.main_thread`."""
    return thread_of(running().strands[0])


def get_ident() -> int:
    """As `threading.get_ident`: small numbers, the same in each run."""
    run = active()
    return run.current.number + 1 if run else 0


def all_threads() -> list[Thread]:
    """As `threading.enumerate`."""
    run = running()
    run.step()
    run.record(*((("end", each.number), Mode.LOOK) for each in run.strands if each is not run.current))
    return [thread_of(each) for each in run.strands if not each.is_done()]


def active_count() -> int:
    """As `threading.active_count`."""
    return len(all_threads())


def start_new_thread(function: Callable[..., object], args: tuple[Any, ...], kwargs: Any = None) -> int:
    """As `_thread.start_new_thread`."""
    thread = Thread(target=function, args=args, kwargs=kwargs, daemon=True)
    thread.start()
    return thread.ident or 0


def sleep(seconds: float) -> None:
    """As `time.sleep`, of virtual time."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    run = active()
    if run is not None:
        run.step(_never, run.now + seconds)
        run.record(words=f"has slept {seconds:g} s")


def _never() -> bool:
    return False


def now() -> float:
    """As `time.monotonic`, of virtual time; reading the clock takes a moment, so that whoever watches it gets on."""
    run = active()
    if run is None:
        return 0.0
    run.now += 1e-6
    return run.now
