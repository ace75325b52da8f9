"""Runs a suite in a child process that may hang, crash, flood or eat memory, and always comes back with a Report.

    Plan ──> child (python -m checks.child) ──events──> one Result per check
              │ past a check's time limit: stacks are dumped, it is killed, the check FAILs, a new child does the rest
              │ memory over budget, or gone without a word: likewise
              └ whatever it left running is ended: every process carries WORKSHOP_CHECK=<token>

Guarantees: no process of the suite is left when `run` returns or raises, KeyboardInterrupt included.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from checks import processes
from checks.model import Report, Result, Status
from checks.stacks import where_it_stood

MARK = "WORKSHOP_CHECK"
START_LIMIT_S = 30.0
OUTPUT_KEPT = 4096
_TICK_S = 0.05
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
    """Run `plan`; one Result for each check that was wanted, whatever the code under test did."""
    progress = _Progress(on_result)
    while not progress.is_complete:
        try:
            with _child(plan) as (child, events, stacks):
                _hand_over(child, plan, progress, stacks)
                _follow(child, events, plan, progress, stacks)
        except _Stopped as stop:
            progress.add(progress.verdict_on_stop(str(stop)))
    return Report(
        subject=plan.subject,
        results=tuple(progress.results[code] for code in progress.titles or progress.results),
        machine={**progress.machine, "output": progress.output.text()},
    )


class _Stopped(Exception):  # noqa: N818
    """The child was stopped, or stopped by itself, in the middle of a check; the text says why."""


class _Progress:
    """What is known so far, over all the children that one plan may take."""

    def __init__(self, on_result: Callable[[Result], None]) -> None:
        self.titles: dict[str, tuple[str, float, str]] = {}  # code -> title, limit_s, remedy
        self.results: dict[str, Result] = {}
        self.machine: dict[str, Any] = {}
        self.output = _Tail(OUTPUT_KEPT)
        self._current = ""
        self._since = 0.0
        self._on_result = on_result

    @property
    def is_complete(self) -> bool:
        """Whether each check has its result; also where the suite did not load and there is nothing to go on with."""
        return bool(self.results) and self.results.keys() >= self.titles.keys()

    def begin(self, code: str = "") -> None:
        """Note that `code` runs from now on; "" while the suite is being loaded."""
        self._current, self._since = code, time.monotonic()

    def add(self, result: Result) -> None:
        self.results[result.code] = result
        self._on_result(result)

    def take_all(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        """Take one event; a line that is none (a learner wrote to our pipe) is passed over."""
        try:
            message = json.loads(line)
            event, data = message["event"], message["data"]
        except (ValueError, KeyError, TypeError):
            return
        if event == "suite":
            self.titles = {code: (title, limit_s, remedy) for code, title, limit_s, remedy in data["checks"]}
            self.machine = data["machine"]
        elif event == "started":
            self.begin(data)
        elif event == "finished":
            self.add(Result.from_json(data))

    @property
    def limit_s(self) -> float:
        """How long what runs now may take."""
        return self.titles[self._current][1] if self._current else START_LIMIT_S

    @property
    def is_late(self) -> bool:
        return time.monotonic() - self._since > self.limit_s

    def verdict_on_stop(self, why: str) -> Result:
        """FAIL for the check that was running; ERROR where the suite itself did not load."""
        if not self.titles:
            title, expected = "The checks load", "checks that load"
            return Result(code="suite", title=title, status=Status.ERROR, found=why, expected=expected)
        code = self._current or next(each for each in self.titles if each not in self.results)
        title, _limit, remedy = self.titles[code]
        return Result(
            code=code,
            title=title,
            status=Status.FAIL,
            found=why,
            expected="an answer that ends by itself",
            do=remedy,
            duration_s=round(time.monotonic() - self._since, 2),
        )


@contextmanager
def _child(plan: Plan) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes], Path]]:
    """A child that waits for its plan, its stream of events, and the file for its stacks; nothing of it stays."""
    token = secrets.token_hex(8)
    with tempfile.TemporaryDirectory(prefix="workshop-check-") as scratch:
        read_fd, write_fd = os.pipe()
        with os.fdopen(read_fd, "rb") as events, os.fdopen(write_fd, "wb") as other_end:
            child = subprocess.Popen(
                [str(plan.python), *plan.flags, "-P", "-m", "checks.child", str(write_fd)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[write_fd],
                cwd=plan.folder or scratch,
                env=_environment(plan, token),
                start_new_session=True,
            )
            other_end.close()
            with child:
                try:
                    yield child, events, Path(scratch) / "stacks.txt"
                finally:
                    child.kill()
                    processes.end_marked(MARK, token, grace_s=0)


def _environment(plan: Plan, token: str) -> dict[str, str]:
    """The child's environment: ours, with nothing in it that forces the GIL, and the mark by which it is found."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHON_GIL"}
    return {**inherited, "PYTHONPATH": str(_ROOT), "PYTHONUNBUFFERED": "1", **plan.environment, MARK: token}


def _hand_over(child: subprocess.Popen[bytes], plan: Plan, progress: _Progress, stacks: Path) -> None:
    message = {
        "suite": plan.suite,
        "arguments": list(plan.arguments),
        "wanted": list(plan.wanted),
        "done": {code: result.status.value for code, result in progress.results.items()},
        "stacks": str(stacks),
    }
    assert child.stdin is not None
    with suppress(BrokenPipeError):  # it died at its start: _follow says so, with what it printed
        child.stdin.write(json.dumps(message).encode())
        child.stdin.close()
    progress.begin()


def _follow(child: subprocess.Popen[bytes], events: IO[bytes], plan: Plan, progress: _Progress, stacks: Path) -> None:
    """Read events and output until the child ends; raise _Stopped where it passes a limit or leaves work undone."""
    assert child.stdout is not None
    lines = _Lines()
    with selectors.DefaultSelector() as selector:
        selector.register(events, selectors.EVENT_READ, lambda chunk: progress.take_all(lines.add(chunk)))
        selector.register(child.stdout, selectors.EVENT_READ, progress.output.add)
        ended = False
        while True:
            ready = selector.select(0 if ended else _TICK_S)
            for key, _mask in ready:
                chunk = os.read(key.fd, 65536)
                if chunk:
                    key.data(chunk)
                else:
                    selector.unregister(key.fileobj)
            if ended and not ready:
                break
            ended = child.poll() is not None
            if not ended:
                _enforce_limits(child, plan, progress, stacks)
    if not progress.is_complete:
        raise _Stopped(_how_it_ended(child.returncode, progress.output))


def _enforce_limits(child: subprocess.Popen[bytes], plan: Plan, progress: _Progress, stacks: Path) -> None:
    """Raise _Stopped where the child is past its time or its memory."""
    if progress.is_late:
        raise _Stopped(f"no end after {progress.limit_s:g} s{_where_it_stands(child, plan, stacks)}")
    used = sum(each.memory_bytes for each in _family(child.pid))
    if used > plan.memory_bytes:
        found, budget = used / 2**30, plan.memory_bytes / 2**30
        raise _Stopped(f"it had taken {found:.1f} GiB of memory when it was stopped, over a budget of {budget:.1f} GiB")


def _where_it_stands(child: subprocess.Popen[bytes], plan: Plan, stacks: Path) -> str:
    """Ask the child's faulthandler for all stacks; a child that cannot answer within a second has none to show."""
    child.send_signal(signal.SIGUSR1)
    deadline, size = time.monotonic() + 1.0, 0
    while time.monotonic() < deadline:
        time.sleep(_TICK_S)
        before, size = size, stacks.stat().st_size if stacks.exists() else 0
        if size and size == before:
            break
    return where_it_stood(stacks, plan.code_file)


def _how_it_ended(code: int, output: _Tail) -> str:
    last = f"; the last it printed: {output.last_line()}" if output.last_line() else ""
    if code < 0:
        return f"the process was ended by {signal.Signals(-code).name}{last}"
    return f"the process ended with exit code {code} in the middle of the check{last}"


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
    """Bytes in, whole lines out."""

    def __init__(self) -> None:
        self._rest = b""

    def add(self, chunk: bytes) -> list[bytes]:
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        return whole


class _Tail:
    """The end of a stream, however long the stream is."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept = b""

    def add(self, chunk: bytes) -> None:
        self._kept = (self._kept + chunk)[-self._size :]

    def text(self) -> str:
        return self._kept.decode(errors="replace")

    def last_line(self) -> str:
        return (self.text().strip().splitlines() or [""])[-1]
