"""The processes of this user that carry a mark in their environment, and how to end them all.

A mark is inherited by every descendant, also by one that has left its session, its process group or its parent: so
what was started under a mark can be found and ended when everything else about it is lost. Linux only (/proc, pidfd).
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
SHORT_GRACE_S = 0.2
AFTER_KILL_S = 5.0


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `started` (clock ticks after boot) tells it from a later one that was given the same pid."""

    pid: int
    started: int
    command: str

    @property
    def is_alive(self) -> bool:
        """Whether it still runs; one that has ended and waits for its parent (a zombie) does not."""
        now = _stat(self.pid)
        return now is not None and now.started == self.started and now.state not in "ZX"

    @property
    def memory_bytes(self) -> int:
        """Its resident memory; 0 if it has ended."""
        with suppress(OSError, ValueError, IndexError):
            pages = int((PROC / str(self.pid) / "statm").read_text().split()[1])
            return pages * os.sysconf("SC_PAGE_SIZE")
        return 0

    @property
    def fair_memory_bytes(self) -> int:
        """Its resident memory, a page that n processes share counted as 1/n of a page; 0 if it has ended."""
        with suppress(OSError, ValueError, IndexError):
            words = (PROC / str(self.pid) / "smaps_rollup").read_text().split()
            return int(words[words.index("Pss:") + 1]) * 1024
        return self.memory_bytes

    @property
    def running_s(self) -> float:
        """For how long it has been running."""
        up_s = float((PROC / "uptime").read_text().split()[0])
        return max(0.0, up_s - self.started / os.sysconf("SC_CLK_TCK"))


def are_computing(processes: Iterable[Process], for_s: float) -> bool:
    """Whether, at half of the looks within `for_s` or more, some thread of `processes` ran or wanted to run."""
    pids, looks = [each.pid for each in processes], 8
    running = 0
    for _ in range(looks):
        running += any(_has_running_thread(pid) for pid in pids)
        time.sleep(for_s / looks)
    return 2 * running >= looks


def _has_running_thread(pid: int) -> bool:
    for thread in (PROC / str(pid) / "task").glob("*/stat"):
        with suppress(OSError):
            if thread.read_text().rpartition(") ")[2].startswith("R"):
                return True
    return False


def process(pid: int) -> Process | None:
    """The live process `pid`, or None."""
    now = _stat(pid)
    if now is None or now.state in "ZX":
        return None
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    except OSError:
        return None
    command = " ".join(os.fsdecode(word) for word in words)
    return Process(pid, now.started, command or now.name)


def marked(name: str, value: str) -> list[Process]:
    """This user's live processes that were started with `name=value` in their environment, oldest first.

    The caller itself is left out, even if it carries the mark.
    """
    wanted = os.fsencode(f"{name}={value}")
    pids = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal())
    carriers = (pid for pid in pids if pid != os.getpid() and wanted in _environment(pid))
    found = [each for each in map(process, carriers) if each is not None]
    return sorted(found, key=lambda each: (each.started, each.pid))


def end(processes: Iterable[Process], grace_s: float) -> list[Process]:
    """SIGTERM to all, SIGKILL to those that still run `grace_s` later. Returns the ones that even that did not end.

    A pid that another process has been given in the meantime is left alone.
    """
    with _handles(processes) as handles:
        for handle in handles:
            _send(handle, signal.SIGTERM)
            _send(handle, signal.SIGCONT)  # a stopped process acts on SIGTERM only when it goes on
        for handle in _wait(handles, grace_s):
            _send(handle, signal.SIGKILL)
        return [handles[handle] for handle in _wait(handles, AFTER_KILL_S)]


def end_marked(name: str, value: str, grace_s: float) -> list[Process]:
    """End every process that carries the mark, also those that are started meanwhile. Returns what could not be ended.

    The grace is given once: what appears after the first round was started by something that was told to end.
    """
    left: list[Process] = []
    for grace in (grace_s, *[SHORT_GRACE_S] * 20):
        found = marked(name, value)
        if not found or found == left:
            return found
        left = end(found, grace)
    return marked(name, value)


@contextmanager
def _handles(processes: Iterable[Process]) -> Iterator[dict[int, Process]]:
    """A pidfd for each of `processes` that is alive: signals through it reach that process or nobody."""
    with ExitStack() as stack:
        handles = {}
        for each in processes:
            try:
                handle = os.pidfd_open(each.pid)
            except ProcessLookupError:
                continue
            stack.callback(os.close, handle)
            if each.is_alive:
                handles[handle] = each
        yield handles


def _send(handle: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        signal.pidfd_send_signal(handle, number)


def _wait(handles: Iterable[int], limit_s: float) -> list[int]:
    """The handles whose process still runs when all have ended or `limit_s` has passed."""
    poll = select.poll()
    running = set(handles)
    for handle in running:
        poll.register(handle, select.POLLIN)
    deadline = time.monotonic() + limit_s
    while running and (left_s := deadline - time.monotonic()) > 0:
        for handle, _ in poll.poll(left_s * 1000):
            poll.unregister(handle)
            running.discard(handle)
    return list(running)


@dataclass(frozen=True, slots=True)
class _Stat:
    name: str
    state: str
    started: int


def _stat(pid: int) -> _Stat | None:
    """The fields of /proc/PID/stat that are used here. The name stands in brackets and may hold any character."""
    try:
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    before, _, after = text.rpartition(")")
    fields = after.split()
    return _Stat(name=before.partition("(")[2], state=fields[0], started=int(fields[19]))


def _environment(pid: int) -> list[bytes]:
    """The environment that `pid` was started with; empty if it has ended or belongs to somebody else."""
    try:
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []
