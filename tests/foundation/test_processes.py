"""Marked processes are found and ended, whatever they did to get away."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from uuid import uuid4

import pytest

from foundation.processes import Process, end, end_marked, marked, process

MARK = "WORKSHOP_TEST_MARK"


@pytest.fixture
def mark() -> Iterator[str]:
    value = uuid4().hex
    yield value
    assert end_marked(MARK, value, grace_s=0.1) == []


def start(mark: str, program: str) -> subprocess.Popen[str]:
    """`program` under the mark; returns when it has printed its first line."""
    child = subprocess.Popen(
        [sys.executable, "-c", program], env={**os.environ, MARK: mark}, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "ready"
    return child


def finish(child: subprocess.Popen[str]) -> int:
    assert child.stdout is not None
    child.stdout.close()
    return child.wait(timeout=10)


WAITS = "import signal; print('ready', flush=True); signal.pause()"
IGNORES_TERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + WAITS
DETACHES = f"""
import os, signal, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        {WAITS.replace("; ", chr(10) + "        ")}
    os._exit(0)
os.wait()
os._exit(0)
"""


def test_a_marked_process_is_found_with_its_command(mark: str) -> None:
    child = start(mark, WAITS)
    (found,) = marked(MARK, mark)
    assert found.pid == child.pid
    assert "signal.pause" in found.command
    assert found.memory_bytes > 1_000_000
    assert 0 <= found.running_s < 60
    assert end([found], grace_s=10) == []
    assert finish(child) == -signal.SIGTERM


def test_a_mark_is_compared_whole(mark: str) -> None:
    child = start(mark + "x", WAITS)
    assert marked(MARK, mark) == []
    end_marked(MARK, mark + "x", grace_s=1)
    finish(child)


def test_the_caller_is_never_among_the_marked(mark: str) -> None:
    program = f"from foundation.processes import marked; print(marked({MARK!r}, {mark!r}))"
    out = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, MARK: mark}, capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"


def test_one_that_ignores_sigterm_is_killed_after_the_grace(mark: str) -> None:
    child = start(mark, IGNORES_TERM)
    assert end(marked(MARK, mark), grace_s=0.1) == []
    assert finish(child) == -signal.SIGKILL


def test_a_stopped_one_ends_by_sigterm(mark: str) -> None:
    child = start(mark, WAITS)
    child.send_signal(signal.SIGSTOP)
    os.waitpid(child.pid, os.WUNTRACED)
    assert end(marked(MARK, mark), grace_s=10) == []
    assert finish(child) == -signal.SIGTERM


def test_one_that_left_its_session_and_parent_is_found_and_ended(mark: str) -> None:
    child = start(mark, DETACHES)
    finish(child)
    assert len(marked(MARK, mark)) == 1
    assert end_marked(MARK, mark, grace_s=10) == []
    assert marked(MARK, mark) == []


def test_what_starts_anew_when_told_to_end_is_ended_too(mark: str) -> None:
    again = f"""
import os, signal, sys
def spawn(*_):
    os.execv(sys.executable, [sys.executable, "-c", {IGNORES_TERM!r}]) if os.fork() == 0 else os._exit(0)
signal.signal(signal.SIGTERM, spawn)
{WAITS.replace("; ", chr(10))}
"""
    child = start(mark, again)
    assert end_marked(MARK, mark, grace_s=10) == []
    assert marked(MARK, mark) == []
    finish(child)


def test_a_pid_that_was_given_to_another_process_is_left_alone(mark: str) -> None:
    child = start(mark, WAITS)
    (found,) = marked(MARK, mark)
    earlier = Process(found.pid, found.started - 1, found.command)
    assert not earlier.is_alive
    assert end([earlier], grace_s=0) == []
    assert found.is_alive
    end([found], grace_s=10)
    finish(child)


def test_a_zombie_is_not_alive(mark: str) -> None:
    child = start(mark, WAITS)
    (found,) = marked(MARK, mark)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not found.is_alive
    assert process(child.pid) is None
    assert marked(MARK, mark) == []
    assert found.memory_bytes == 0
    finish(child)


def test_pages_that_processes_share_are_counted_once(mark: str) -> None:
    size = 64 << 20
    child = start(
        mark, f"import os, signal; block = b'x' * {size}; [os.fork() or signal.pause() for _ in range(3)]; {WAITS}"
    )
    found = marked(MARK, mark)
    assert len(found) == 4
    assert sum(each.memory_bytes for each in found) > 4 * size
    assert size < sum(each.fair_memory_bytes for each in found) < 2 * size
    end(found, grace_s=10)
    finish(child)
    assert found[0].fair_memory_bytes == 0
