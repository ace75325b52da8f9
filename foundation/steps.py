"""Progress of long work: numbered steps, what each is doing now, how long it takes, and a log of everything.

    steps = Steps(total=6, log=Path("build.log"))
    with steps.step("CPython 3.13.15t") as step:
        step.say("building: make, 2 jobs")
        step.run(["make", "-j2"], cwd=tree)       # its output goes to the log

On a terminal the step is one live line; elsewhere it is plain lines, with a sign of life every 30 s.
All of it goes to stderr.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TextIO

from foundation.problem import Problem
from foundation.processes import end_marked

HEARTBEAT_S = 30.0
REDRAW_S = 0.2
QUICK_S = 0.5  # a step shorter than this shows no time
GRACE_S = 5.0  # between asking a command to end and killing it
MARK = "WORKSHOP_STEP"  # carried by all that a step runs
LAST_LINES = 12
NO_NETWORK = re.compile(
    r"name resolution|name or service not known|network is unreachable|no route to host|dns error|"
    r"failed to establish a new connection|error sending request|timed out",
    re.IGNORECASE,
)
UNTRUSTED = re.compile(
    r"certificate[ _]verify[ _]failed|invalid peer certificate|problem confirming the ssl certificate|"
    r"TLS CA certificate bundle",
    re.IGNORECASE,
)
WHY_UNTRUSTED = re.compile(r"(?:certificate verify failed|invalid peer certificate): ([^\n']+)")
NO_SPACE = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)


def duration(seconds: float) -> str:
    """`seconds` for people: "7 s", "3 min 12 s", "1 h 04 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


class Steps:
    """The steps of one long piece of work; `total` is how many there will be, `log` where all output goes.

    Assumes: steps are opened one after the other, from one thread.
    """

    def __init__(
        self, total: int, log: Path, *, stream: TextIO | None = None, heartbeat_s: float = HEARTBEAT_S
    ) -> None:
        self.total = total
        self.log = log
        self.stream = stream or sys.stderr
        self.heartbeat_s = heartbeat_s
        self.live = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self._number = 0

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Show one step from its beginning to its end, whichever way it ends."""
        self._number += 1
        self.log.parent.mkdir(parents=True, exist_ok=True)
        step = Step(f"[{self._number}/{max(self.total, self._number)}] {title}", self)
        with step.shown():
            yield step


class Step:
    """What is being done now: `say` it, `run` commands for it, or say that it was `already` done."""

    def __init__(self, head: str, steps: Steps) -> None:
        self.head = head
        self.log = steps.log
        self._stream = steps.stream
        self._live = steps.live
        self._heartbeat_s = steps.heartbeat_s
        self._began = time.monotonic()
        self._doing = ""
        self._result = ""
        self._ended = threading.Event()
        self._writing = threading.Lock()

    def say(self, doing: str) -> None:
        """Show what is being done now."""
        self._doing = doing
        self.note(f"-- {doing}")
        if self._live:
            self._redraw()
        else:
            self._line(f"{self.head}: {doing}")

    def tell(self, text: str) -> None:
        """Leave a line that stays on the screen, such as what was skipped and why."""
        self.note(f"-- {text}")
        self._line(f"      {text}")

    def already(self, what: str = "already there") -> None:
        """End with `what` in place of "done": nothing had to be done."""
        self._result = what

    def note(self, text: str) -> None:
        """Write a line to the log only."""
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"{time.strftime('%H:%M:%S')} {self.head} {text}\n")

    def run(
        self, command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        """Run `command` to its end, its output in the log. Raises Problem with its last lines if it fails.

        Guarantees: when this is left, by Ctrl-C too, the command and all that it started have ended.
        """
        words = [str(word) for word in command]
        self.note(f"$ {shlex.join(words)}")
        start = self.log.stat().st_size
        with self.log.open("ab") as log:
            code = run_marked(words, cwd=cwd, env=env, output=log)
        if code:
            raise self._failed(words, code, start)

    def _failed(self, words: Sequence[str], code: int, start: int) -> Problem:
        """What to tell of a command that failed, from what it wrote to the log."""
        with self.log.open("rb") as log:
            log.seek(start)
            lines = log.read().decode(errors="replace").splitlines()
        said = "\n".join(line.rstrip() for line in lines[-LAST_LINES:] if line.strip())
        name = Path(words[0]).name
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"failed with exit code {code}"
        everything = "\n".join(lines)
        if NO_SPACE.search(everything):
            return disk_full(self.log.parent)
        if "pip" in words and UNTRUSTED.search(everything):
            return untrusted_index(everything, self.log)
        if "pip" in words and NO_NETWORK.search(everything):
            return Problem(
                "pip could not reach the package index",
                expected="a network on which `pip download` works (pip's index, proxy and certificate are used)",
                do=f"look at the network, then run the same command again: finished steps are kept\nlog: {self.log}",
            )
        return Problem(
            f"{name} {how}; its last lines:\n{said}",
            expected="exit code 0",
            do=f"read the log: {self.log}\nthen run the same command again: finished steps are kept",
        )

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Keep the step on the screen until the block ends, then leave its result there."""
        painter = threading.Thread(target=self._paint, name="progress", daemon=True)
        painter.start()
        result = "failed"
        try:
            yield
            result = self._result
        except KeyboardInterrupt:
            result = "interrupted"
            raise
        finally:
            self._ended.set()
            painter.join()
            self._line(f"{self.head}   {result or self._elapsed()}")
            self.note(f"-- {result or 'done'} after {self._elapsed()}")

    def _elapsed(self) -> str:
        seconds = time.monotonic() - self._began
        return "done" if seconds < QUICK_S else duration(seconds)

    def _paint(self) -> None:
        """The live line, or the sign of life if there is none, until the step ends."""
        every, show = (REDRAW_S, self._redraw) if self._live else (self._heartbeat_s, self._heartbeat)
        while not self._ended.wait(every):
            show()

    def _heartbeat(self) -> None:
        self._line(f"{self.head}: {self._doing or 'at work'} ({self._elapsed()} so far)")

    def _redraw(self) -> None:
        columns = shutil.get_terminal_size().columns
        text = f"{self.head}   {duration(time.monotonic() - self._began)}   {self._doing}"
        self._write(f"\r\x1b[K{text[: columns - 1]}")

    def _line(self, text: str) -> None:
        self._write(f"\r\x1b[K{text}\n" if self._live else f"{text}\n")

    def _write(self, text: str) -> None:
        with self._writing, suppress(BrokenPipeError):
            self._stream.write(text)
            self._stream.flush()


def run_marked(command: Sequence[str], *, cwd: Path | None, env: Mapping[str, str] | None, output: IO[bytes]) -> int:
    """The exit code of `command`. Where this is interrupted, all that the command started has ended when it is left.

    Its session is its own, so that Ctrl-C reaches this process only, which then ends all that carries the mark.
    """
    mark = uuid.uuid4().hex
    marked = {**(os.environ if env is None else env), MARK: mark}
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=marked,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            close_fds=False,  # it shares the locks of the cache, which are the only files open to children
        )
        return process.wait()
    except FileNotFoundError as error:
        raise Problem(f"{command[0]}: no such command", expected=f"{command[0]} on PATH") from error
    except BaseException:
        end_marked(MARK, mark, GRACE_S)
        raise


def untrusted_index(said: str, log: Path) -> Problem:
    """The message for a package index whose certificate pip or uv does not trust, from what they `said`."""
    why = WHY_UNTRUSTED.search(said)
    return Problem(
        "the certificate of the package index cannot be verified" + (f": {why[1].strip()}" if why else ""),
        expected="a certificate that is signed by an authority which this machine trusts",
        do="look at the clock of this machine (`date`): with a wrong one no certificate is valid\n"
        "does a proxy look into https here? Get its authority's certificate from whoever runs the network, then:\n"
        "export PIP_CERT=/path/to/authority.pem SSL_CERT_FILE=/path/to/authority.pem\n"
        f"then the same command again: finished steps are kept\nlog: {log}",
    )


def disk_full(folder: Path, needed_mb: int | None = None) -> Problem:
    """The one message for a disk without room, whoever met it."""
    free_mb = shutil.disk_usage(folder).free // 2**20
    wanted = f"at least {needed_mb} MB free" if needed_mb else "room to finish"
    return Problem(
        f"the disk that holds {folder} is full: {free_mb} MB free",
        expected=wanted,
        do="free some space there, or set XDG_CACHE_HOME to a folder on a larger disk\n"
        "then run the same command again: nothing was left half-installed",
    )
