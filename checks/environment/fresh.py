"""Commands and fresh interpreters, run with a time limit that holds whatever the command does."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).with_name("scripts")
_AFTER_KILL_S = 1.0


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended. code: its exit status, negative for a signal, None where it was stopped at its limit."""

    code: int | None
    out: str
    err: str

    @property
    def ending(self) -> str:
        """How it ended, in words that follow "it"."""
        if self.code is None:
            return "did not end in time"
        if self.code < 0:
            return f"was ended by {signal.Signals(-self.code).name}"
        return f"ended with exit code {self.code}"

    @property
    def last_words(self) -> str:
        """The last line that it printed, of what it said on stderr first; empty if it said nothing."""
        lines = (self.err.strip() or self.out.strip()).splitlines()
        return lines[-1].strip() if lines else ""


def run(command: Sequence[str | Path], environ: Mapping[str, str], limit_s: float) -> Ran:
    """Run `command` and return how it ended, `limit_s` after its start at the latest.

    Output goes to files, not to pipes: a grandchild that keeps a pipe open, or a process that no signal reaches
    (a driver that hangs), cannot hold the caller. Raises OSError if the command cannot be started.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            [str(word) for word in command],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            code = process.wait() if _has_ended(process, limit_s) else None
        finally:
            if process.returncode is None:
                _end(process)
        return Ran(code, _text(out.fileno()), _text(err.fileno()))


def run_script(name: str, arguments: Sequence[str], python: Path, environ: Mapping[str, str], limit_s: float) -> Ran:
    """Run one of our scripts in a fresh, isolated interpreter: no PYTHON* variable, no user site, no current folder."""
    return run([python, "-I", "-W", "always", SCRIPTS / f"{name}.py", *arguments], environ, limit_s)


def _has_ended(process: subprocess.Popen[bytes], limit_s: float) -> bool:
    """Wait for its end. Popen.wait(timeout) looks every 50 ms, which adds up over a hundred short processes."""
    handle = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        return bool(poll.poll(limit_s * 1000))
    finally:
        os.close(handle)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill its whole session and do not wait long for one that cannot be killed."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_AFTER_KILL_S)


def _text(handle: int) -> str:
    return os.pread(handle, os.fstat(handle).st_size, 0).decode(errors="replace")
