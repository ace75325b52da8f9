"""Runs a suite in a child process that may hang, crash, flood or eat memory, and always comes back with a Report.

    Plan ──> child (python -m checks.child) ──events──> one Result per check
              │ past a check's time limit: stacks are dumped, it is killed, the check FAILs, a new child does the rest
              │ memory over budget, or gone without a word: likewise
              └ whatever it left running is ended: every process carries WORKSHOP_CHECK=<token>

Guarantees: no process of the suite is left when `run` returns or raises, KeyboardInterrupt included; nothing that the
code under test writes, into our own pipes too, makes it raise or grow. One thing escapes: a process that has left all
three of its parent, its group and the environment with the mark.
"""

from __future__ import annotations

import json
import os
import secrets
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from checks.stacks import where_it_stood
from foundation import processes
from foundation.model import Report, Result, Status
from foundation.plain_text import plain

MARK = "WORKSHOP_CHECK"
START_LIMIT_S = 30.0
OUTPUT_KEPT = 4096
PIPE_BYTES = 65536
LONGEST_EVENT = 1 << 20
_TICK_S = 0.05
_LOOK_S = 0.4
_COMPUTES = (
    "A loop has no end, or the answer is right and far too slow: look at the line that is named, and try it with less"
    " to do. A machine that is slow or busy gives more time by itself."
)
_WAITS = (
    "Something was waited for that never came: a lock that is not given back, two threads that wait for each other, a"
    " queue that nobody fills. Look at the line that is named: who should have let it go on?"
)
_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to run, where. suite: "package.module:function", called in the child with `arguments`."""

    subject: str
    python: Path
    suite: str
    arguments: Sequence[Any] = ()
    wanted: Sequence[str] = ()
    flags: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    memory_bytes: int = 2 << 30
    code_file: Path | None = None  # whose lines a verdict on a hang quotes
    folder: Path | None = None  # the child's working directory


def run(plan: Plan, on_result: Callable[[Result], None] = lambda _result: None) -> Report:
    """Run `plan`; one Result for each check that was wanted, whatever the code under test did.

    on_result is called with each; a second time with one that was a pass and is none any more.
    """
    progress = _Progress(on_result)
    while not progress.is_complete:
        try:
            with _child(plan, progress) as child:
                _follow(child, plan, progress)
        except _Stopped as stop:
            progress.add(progress.verdict_on_stop(stop))
    return Report(
        subject=plan.subject,
        results=tuple(progress.results[code] for code in progress.titles or progress.results),
        facts={**progress.facts, "output": progress.output.text()},
    )


class _Stopped(Exception):  # noqa: N818
    """The child was stopped, or stopped by itself, in the middle of a check."""

    def __init__(self, found: str, expected: str = "an answer that ends by itself", do: str = "") -> None:
        super().__init__(found)
        self.found = found
        self.expected = expected
        self.do = do


class _Progress:
    """What is known so far, over all the children that one plan may take."""

    def __init__(self, on_result: Callable[[Result], None]) -> None:
        self.titles: dict[str, tuple[str, float, str]] = {}  # code -> title, limit_s, remedy
        self.results: dict[str, Result] = {}
        self.facts: dict[str, Any] = {}
        self.output = _Tail(OUTPUT_KEPT)
        self.key = secrets.token_hex(16)  # an event without it was written by the code under test
        self._current = ""
        self._since = 0.0
        self._on_result = on_result

    @property
    def is_complete(self) -> bool:
        """Whether each check has its result; also if the suite did not load and there is nothing to go on with."""
        return bool(self.results) and self.results.keys() >= self.titles.keys()

    def begin(self, code: str = "") -> None:
        """Note that `code` runs from now on; "" while the suite is being loaded."""
        self._current, self._since = code, time.monotonic()

    def add(self, result: Result) -> None:
        self.begin()
        self._note(result)

    def _note(self, result: Result) -> None:
        said = replace(result, found=plain(result.found), expected=plain(result.expected), do=plain(result.do))
        self.results[result.code] = said
        self._on_result(said)

    def take_all(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        """Take one event; a line that is none, or not the next one (an attendee wrote to our pipe), is passed over."""
        try:
            event, data = _event(line, self.key)
        except (ValueError, KeyError, TypeError, RecursionError):
            return
        if event == "suite" and not self.titles:
            self.titles, self.facts = data
        elif event == "started" and data in self.titles and data not in self.results:
            self.begin(data)
        elif event == "finished" and data.code == self._current:
            self.add(data)
        elif event == "revised" and data.code in self.results and data.status is Status.FAIL:
            self._note(data)  # a pass that turned out to be none; nothing becomes better later

    @property
    def limit_s(self) -> float:
        """How long what runs now may take."""
        return self.titles[self._current][1] if self._current else START_LIMIT_S

    @property
    def is_late(self) -> bool:
        return time.monotonic() - self._since > self.limit_s

    def verdict_on_stop(self, stop: _Stopped) -> Result:
        """FAIL for the check that was running; if none was, nobody's answer is judged: ERROR."""
        if not self.titles:
            title, expected = "The checks load", "checks that load"
            return Result(code="suite", title=title, status=Status.ERROR, found=stop.found, expected=expected)
        code = self._current or next(each for each in self.titles if each not in self.results)
        title, _limit, remedy = self.titles[code]
        return Result(
            code=code,
            title=title,
            status=Status.FAIL if self._current else Status.ERROR,
            found=stop.found,
            expected=stop.expected,
            do=stop.do or remedy,
            duration_s=round(time.monotonic() - self._since, 2),
        )


def _event(line: bytes, key: str) -> tuple[str, Any]:
    """The event that `line` is, its data in our types; ValueError, KeyError or TypeError where it is none of ours."""
    message = json.loads(line)
    if message["key"] != key:
        raise ValueError("found an event without the key, expected one of the child")
    event, data = message["event"], message["data"]
    if event == "suite":
        titles = {str(code): (str(title), float(limit), str(remedy)) for code, title, limit, remedy in data["checks"]}
        return event, (titles, dict(data["facts"]))
    return event, Result.from_json(data) if event in ("finished", "revised") else str(data)


@dataclass(frozen=True, slots=True)
class _Child:
    """A running child, its stream of events, and the file that its faulthandler writes to."""

    process: subprocess.Popen[bytes]
    events: IO[bytes]
    stacks: Path


@contextmanager
def _child(plan: Plan, progress: _Progress) -> Iterator[_Child]:
    """A child that runs what is left of `plan`; nothing of it stays."""
    token = secrets.token_hex(8)
    with tempfile.TemporaryDirectory(prefix="workshop-check-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        (scratch / "plan.json").write_text(json.dumps(_message(plan, progress)))
        (scratch / "tmp").mkdir()  # what a killed child leaves behind goes with it
        read_fd, write_fd = os.pipe()
        try:
            with os.fdopen(read_fd, "rb") as events, os.fdopen(write_fd, "wb") as other_end:
                progress.begin()
                with subprocess.Popen(
                    [str(plan.python), *plan.flags, "-P", "-m", "checks.child", str(write_fd), name],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    pass_fds=[write_fd],
                    cwd=plan.folder if plan.folder and plan.folder.is_dir() else scratch,
                    env={**_environment(plan, token), "TMPDIR": str(scratch / "tmp")},
                    start_new_session=True,
                ) as process:
                    other_end.close()
                    try:
                        yield _Child(process, events, scratch / "stacks.txt")
                    finally:
                        _end(process)
        finally:
            processes.end_marked(MARK, token, grace_s=0)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the child with its descendants and its group: some may have been given an environment without the mark."""
    processes.end(_family(process.pid), grace_s=0)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _message(plan: Plan, progress: _Progress) -> dict[str, Any]:
    """What the child is told."""
    return {
        "supervisor": os.getpid(),
        "key": progress.key,
        "suite": plan.suite,
        "arguments": list(plan.arguments),
        "wanted": list(plan.wanted),
        "done": {code: result.status.value for code, result in progress.results.items()},
    }


def _environment(plan: Plan, token: str) -> dict[str, str]:
    """The child's environment: ours, with nothing in it that forces the GIL, and the mark by which it is found."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHON_GIL"}
    return {**inherited, "PYTHONPATH": str(_ROOT), "PYTHONUNBUFFERED": "1", **plan.environment, MARK: token}


def _follow(child: _Child, plan: Plan, progress: _Progress) -> None:
    """Read events and output until all is known; _Stopped if the child passes a limit or leaves work undone."""
    assert child.process.stdout is not None
    lines = _Lines()
    with selectors.DefaultSelector() as selector:
        selector.register(child.events, selectors.EVENT_READ, lambda chunk: progress.take_all(lines.add(chunk)))
        selector.register(child.process.stdout, selectors.EVENT_READ, progress.output.add)
        has_ended = False
        while not progress.is_complete:
            if has_ended:
                raise _Stopped(_how_it_ended(child.process.returncode, progress.output))
            has_ended = child.process.poll() is not None  # before the reading: all that it wrote is then in the pipes
            _read(selector, 0 if has_ended else _TICK_S)
            if not has_ended and not progress.is_complete:
                _enforce_limits(child, plan, progress)


def _read(selector: selectors.BaseSelector, wait_s: float) -> None:
    """Hand on one pipeful of each stream that has something, not more: a process left behind may write for ever."""
    for key, _mask in selector.select(wait_s):
        if chunk := os.read(key.fd, PIPE_BYTES):
            key.data(chunk)
        else:
            selector.unregister(key.fileobj)


def _enforce_limits(child: _Child, plan: Plan, progress: _Progress) -> None:
    """Raise _Stopped if the child is past its time or its memory."""
    if progress.is_late:
        raise _late(child, plan, progress.limit_s)
    family = _family(child.process.pid)
    if sum(each.memory_bytes for each in family) <= plan.memory_bytes:
        return
    used = sum(each.fair_memory_bytes for each in family)  # slow to ask: the pages that they share are counted once
    if used > plan.memory_bytes:
        raise _Stopped(
            f"it had taken {used / 2**30:.1f} GiB of memory when it was stopped",
            expected=f"no more than {plan.memory_bytes / 2**30:.1f} GiB",
        )


def _late(child: _Child, plan: Plan, limit_s: float) -> _Stopped:
    """The end of a check that is past its time: does it still compute, or does each of its threads wait?"""
    family = _family(child.process.pid)
    computing = processes.are_computing(family, for_s=_LOOK_S)
    where = _where_it_stands(child, plan)
    if computing:
        return _Stopped(f"no end after {limit_s:g} s, and it was still computing{where}", do=_COMPUTES)
    return _Stopped(f"no end after {limit_s:g} s: every thread was waiting{where}", do=_WAITS)


def _where_it_stands(child: _Child, plan: Plan) -> str:
    """Ask the child's faulthandler for all stacks; a child that cannot answer within a second has none to show."""
    child.process.send_signal(signal.SIGUSR1)
    deadline, size = time.monotonic() + 1.0, 0
    while time.monotonic() < deadline:
        time.sleep(_TICK_S)
        before, size = size, child.stacks.stat().st_size if child.stacks.exists() else 0
        if size and size == before:
            break
    return where_it_stood(child.stacks, plan.code_file)


def _how_it_ended(code: int, output: _Tail) -> str:
    last = f"; the last it printed: {output.last_line()}" if output.last_line() else ""
    if code == os.EX_IOERR:
        return "the code closed the file descriptors of its process: nothing more could be reported"
    if code < 0:
        return f"the process was ended by {_signal_name(-code)}{last}"
    return f"the process ended with exit code {code} in the middle of the check{last}"


def _signal_name(number: int) -> str:
    names = {each.value: each.name for each in signal.Signals}
    return names.get(number, f"signal {number}")


def _family(pid: int) -> list[processes.Process]:
    """The process `pid` and its descendants, as far as they have not left their parents."""
    first = processes.process(pid)
    if first is None:
        return []
    children: list[str] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            children += task.read_text().split()
    return [first, *(each for child in children for each in _family(int(child)))]


class _Lines:
    """Bytes in, whole lines out; of a line longer than any event only the end is kept."""

    def __init__(self) -> None:
        self._rest = b""

    def add(self, chunk: bytes) -> list[bytes]:
        *whole, rest = (self._rest + chunk).split(b"\n")
        self._rest = rest[-LONGEST_EVENT:]
        return whole


class _Tail:
    """The end of a stream, however long the stream is."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept = b""

    def add(self, chunk: bytes) -> None:
        self._kept = (self._kept + chunk)[-self._size :]

    def text(self) -> str:
        return plain(self._kept.decode(errors="replace"))

    def last_line(self) -> str:
        return (self.text().strip().splitlines() or [""])[-1]
