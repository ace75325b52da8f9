"""Futures in the controlled world: the library's own, whose operations are one step each."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

from checks.oracles.schedules.accesses import Mode
from checks.oracles.schedules.control import Run, active, running
from checks.oracles.schedules.locks import RLock
from checks.oracles.schedules.waiting import wait

_ENDS = "set_result set_exception"
_LOOKS = "done running cancelled set_running_or_notify_cancel"
_DONE = ("CANCELLED", "CANCELLED_AND_NOTIFIED", "FINISHED")


def control(base: ModuleType) -> None:
    """Let the futures of `base`, a copy of `concurrent.futures._base`, be steps of a run."""
    kind = base.Future
    make = kind.__init__

    def __init__(self: Any) -> None:  # noqa: N807 - put into the class
        make(self)
        self._condition = base.threading.Condition(_silent())

    kind.__init__ = __init__
    kind.__hash__ = _number
    for name in ("result", "exception"):
        setattr(kind, name, _waits(getattr(kind, name), name))
    for name in _ENDS.split():
        setattr(kind, name, _steps(getattr(kind, name), name, Mode.SIGNAL))
    for name in _LOOKS.split():
        setattr(kind, name, _steps(getattr(kind, name), name, Mode.LOOK))
    kind.cancel = _steps(kind.cancel, "cancel", Mode.CLEAR)
    kind.add_done_callback = _steps(kind.add_done_callback, "add_done_callback", Mode.LOOK)
    together = base._AcquireFutures
    together.__enter__ = _looks_at_all(together.__enter__)


def _silent() -> RLock:
    lock = RLock()
    lock.is_silent = True
    return lock


def _number(thing: object) -> int:
    """A hash that is the same in each run: sets of futures have an order that a schedule can rely on."""
    run = active()
    return run.number_of(thing) if run else object.__hash__(thing)


def _waits(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(self: Any, timeout: float | None = None) -> Any:
        run, looked = wait(self, lambda: self._state in _DONE, timeout=timeout)
        run.record((("future", id(self)), Mode.LOOK if looked else Mode.AWAIT), owner=self, words=f"{name}() of")
        return _inside(run, self, f"Future.{name}", lambda: function(self, 0))

    return call


def _steps(function: Callable[..., Any], name: str, mode: Mode) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(self: Any, *args: Any) -> Any:
        run = running()
        run.step()
        run.wakes_others()
        run.record((("future", id(self)), mode), owner=self, words=f"{name}() of")
        return _inside(run, self, f"Future.{name}", lambda: function(self, *args))

    return call


def _looks_at_all(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(self: Any) -> Any:
        run = running()
        run.step()
        run.record(*((("future", id(each)), Mode.LOOK) for each in self.futures), words="looks at all futures")
        return function(self)

    return call


def _inside(run: Run, owner: object, name: str, call: Callable[[], Any]) -> Any:
    """`call`, whose steps are none at which another strand could go, unless it waits."""
    strand = run.current
    strand.inside.append((owner, name))
    try:
        return call()
    finally:
        strand.inside.pop()


def atomic(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The method `function`, one step from its beginning to where it waits, and one from there to its end."""

    @functools.wraps(function)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        run = active()
        if run is None:
            return function(self, *args, **kwargs)
        if not run.current.inside:
            run.step()
            run.record(owner=self, words=f"{name.partition('.')[2]}() of")
        return _inside(run, self, name, lambda: function(self, *args, **kwargs))

    return call
