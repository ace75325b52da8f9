"""The standard library's modules for threads, in the controlled world.

Conditions, barriers, futures and pools are what this Python's own source says they are: it is run once more, with our
locks, threads, queues and clock in it. A call of one of them is atomic, as far as it does not wait: its inner steps are
right already, and are no place to look for the attendee's fault.
"""

from __future__ import annotations

import builtins
import concurrent.futures as real_futures
import functools
import importlib.util
import os
import queue as real_queue
import threading as real_threading
import time as real_time
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from checks.oracles.schedules import controlled_futures, locks, threads, waiting
from checks.oracles.schedules.control import active
from checks.oracles.schedules.controlled_futures import atomic

_ATOMIC = {
    "Condition": "wait notify notify_all",
    "Barrier": "wait reset abort",
    "ThreadPoolExecutor": "submit shutdown",
}


def library() -> dict[str, ModuleType]:
    """The controlled modules by name; made once."""
    if not _modules:
        _modules["time"] = _time()
        _modules["threading"] = _threading()
        _modules["_thread"] = _low_level()
        _modules["queue"] = _queue()
        _modules.update(_futures())
    return _modules


_modules: dict[str, ModuleType] = {}


def _time() -> ModuleType:
    module = ModuleType("time")
    module.__dict__.update({name: value for name, value in vars(real_time).items() if not name.startswith("__")})
    for name in ("monotonic", "perf_counter", "time"):
        setattr(module, name, threads.now)
        setattr(module, f"{name}_ns", lambda: int(threads.now() * 1e9))
    vars(module)["sleep"] = threads.sleep
    return module


def _threading() -> ModuleType:
    module = _copy("threading")
    module.__dict__.update(
        Lock=locks.Lock,
        RLock=locks.RLock,
        Event=waiting.Event,
        Semaphore=waiting.Semaphore,
        BoundedSemaphore=waiting.BoundedSemaphore,
        _allocate_lock=locks.Lock,
        Thread=threads.Thread,
        Timer=threads.Timer,
        current_thread=threads.current_thread,
        currentThread=threads.current_thread,
        main_thread=threads.main_thread,
        enumerate=threads.all_threads,
        active_count=threads.active_count,
        activeCount=threads.active_count,
        get_ident=threads.get_ident,
        get_native_id=threads.get_ident,
        local=real_threading.local,
        _time=threads.now,
    )
    vars(module)["BrokenBarrierError"] = real_threading.BrokenBarrierError
    _seal(module)
    return module


def _low_level() -> ModuleType:
    module = ModuleType("_thread")
    module.__dict__.update(
        allocate_lock=locks.Lock,
        LockType=locks.Lock,
        lock=locks.Lock,
        RLock=locks.RLock,
        start_new_thread=threads.start_new_thread,
        get_ident=threads.get_ident,
        get_native_id=threads.get_ident,
        error=RuntimeError,
        TIMEOUT_MAX=real_threading.TIMEOUT_MAX,
        _local=real_threading.local,
    )
    return module


def _queue() -> ModuleType:
    module = ModuleType("queue")
    vars(module).update({name: getattr(real_queue, name) for name in real_queue.__all__})
    for kind in (waiting.Queue, waiting.LifoQueue, waiting.PriorityQueue, waiting.SimpleQueue):
        setattr(module, kind.__name__, kind)
    return module


def _futures() -> dict[str, ModuleType]:
    """`concurrent.futures` with its pool of threads; of processes there is the real one."""
    package, futures = ModuleType("concurrent"), ModuleType("concurrent.futures")
    _modules.update({"concurrent": package, "concurrent.futures": futures})
    base = _copy("concurrent.futures._base")
    for name in ("CancelledError", "TimeoutError", "InvalidStateError", "BrokenExecutor"):
        setattr(base, name, getattr(real_futures, name))
    controlled_futures.control(base)
    _modules["concurrent.futures._base"] = base
    vars(futures)["_base"] = base
    thread = _copy("concurrent.futures.thread")
    vars(thread)["_global_shutdown_lock"].is_silent = True
    _seal(thread)
    names = [name for name in real_futures.__all__ if hasattr(base, name)]
    vars(futures).update({name: getattr(base, name) for name in names})
    vars(futures).update(
        ThreadPoolExecutor=thread.ThreadPoolExecutor, thread=thread, __all__=list(real_futures.__all__)
    )
    vars(futures)["__getattr__"] = functools.partial(getattr, real_futures)
    vars(package)["futures"] = futures
    return {"concurrent.futures.thread": thread}


def number(thing: object) -> int:
    """As `id`, and the same in each run that goes the same way: locks are sorted by it."""
    run = active()
    return run.number_of(thing) if run else id(thing)


def _copy(name: str) -> ModuleType:
    """The module `name` made once more from its source, which imports the controlled ones."""
    found = importlib.util.find_spec(name)
    assert found is not None
    assert found.origin is not None
    module = ModuleType(name)
    module.__dict__.update(__file__=found.origin, __package__=name.rpartition(".")[0])
    module.__dict__["__builtins__"] = {**vars(builtins), "__import__": _import, "id": number}
    exec(compile(Path(found.origin).read_bytes(), found.origin, "exec", dont_inherit=True), module.__dict__)
    return module


def _import(
    name: str,
    globals: Mapping[str, object] | None = None,  # noqa: A002 - called by the interpreter
    locals: Mapping[str, object] | None = None,  # noqa: A002
    fromlist: tuple[str, ...] = (),
    level: int = 0,
) -> Any:
    if name == "os":
        return _quiet_os
    if level == 0 and name in _modules:
        return _modules[name if fromlist else name.partition(".")[0]]
    return __import__(name, globals, locals, fromlist, level)


# What the copies would register for a fork or the end of the process is the real ones' business.
_quiet_os: Any = SimpleNamespace(**{**vars(os), "register_at_fork": lambda **_functions: None})


def _seal(module: ModuleType) -> None:
    for name, methods in _ATOMIC.items():
        kind = vars(module).get(name)
        if isinstance(kind, type):
            for each in methods.split():
                setattr(kind, each, atomic(vars(kind)[each], f"{name}.{each}"))
