from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from foundation.problem import Problem
from foundation.steps import Step, Steps, disk_full, duration
from tests.https import untrusted_https


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Announcing(io.StringIO):
    """A stream that tells when `awaited` was written to it."""

    def __init__(self, awaited: str) -> None:
        super().__init__()
        self.awaited = awaited
        self.seen = threading.Event()

    def write(self, text: str) -> int:
        if self.awaited in text:
            self.seen.set()
        return super().write(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (192, "3 min 12 s"), (3840, "1 h 04 min")],
)
def test_durations_are_written_for_people(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_steps_are_numbered_and_say_what_they_do(tmp_path: Path) -> None:
    screen = io.StringIO()
    steps = Steps(2, tmp_path / "log", stream=screen)
    with steps.step("first") as step:
        step.say("cutting")
    with steps.step("second") as step:
        step.already()
    assert screen.getvalue().splitlines() == [
        "[1/2] first: cutting",
        "[1/2] first   done",
        "[2/2] second   already there",
    ]


def test_a_terminal_shows_one_live_line_that_ends_as_the_result(tmp_path: Path) -> None:
    screen = Terminal()
    with Steps(1, tmp_path / "log", stream=screen).step("work") as step:
        step.say("cutting")
    drawn = screen.getvalue()
    assert "cutting" in drawn
    assert drawn.count("\n") == 1
    assert drawn.endswith("\r\x1b[K[1/1] work   done\n")


def test_without_a_terminal_a_long_step_gives_a_sign_of_life(tmp_path: Path) -> None:
    screen = Announcing("cutting (done so far)")
    with Steps(1, tmp_path / "log", stream=screen, heartbeat_s=0.01).step("work") as step:
        step.say("cutting")
        assert screen.seen.wait(10)


def test_the_log_holds_the_command_and_its_output(step: Step) -> None:
    step.run(["sh", "-c", "echo out; echo err >&2"])
    written = step.log.read_text()
    assert "$ sh -c 'echo out; echo err >&2'" in written
    assert "\nout\nerr\n" in written


def test_a_command_that_fails_is_told_with_its_last_lines_and_the_log(step: Step) -> None:
    with pytest.raises(Problem) as caught:
        step.run(["sh", "-c", "seq 100; echo it broke; exit 3"])
    assert "sh failed with exit code 3; its last lines:" in caught.value.found
    assert caught.value.found.endswith("it broke")
    assert "\n12\n" not in caught.value.found
    assert str(step.log) in str(caught.value)


def test_a_command_ended_by_a_signal_is_told_with_the_signal(step: Step) -> None:
    with pytest.raises(Problem, match="sh was ended by SIGKILL"):
        step.run(["sh", "-c", "kill -KILL $$"])


def test_a_command_that_is_not_there_is_told_by_name(step: Step) -> None:
    with pytest.raises(Problem, match="no-such-tool: no such command"):
        step.run(["no-such-tool"])


def test_a_full_disk_met_by_a_command_is_told_as_that(step: Step) -> None:
    with pytest.raises(Problem, match="is full") as caught:
        step.run(["sh", "-c", f"echo 'cc1: {os.strerror(errno.ENOSPC)}'; exit 1"])
    assert "XDG_CACHE_HOME" in str(caught.value)


def test_the_message_of_a_full_disk_says_how_much_is_wanted(tmp_path: Path) -> None:
    message = str(disk_full(tmp_path, 1500))
    assert f"the disk that holds {tmp_path} is full:" in message
    assert "at least 1500 MB free" in message
    assert "nothing was left half-installed" in message


def test_a_failed_step_says_so_on_the_screen(tmp_path: Path) -> None:
    screen = io.StringIO()
    with pytest.raises(Problem), Steps(1, tmp_path / "log", stream=screen).step("work") as step:
        step.run(["false"])
    assert screen.getvalue() == "[1/1] work   failed\n"


INTERRUPTED = """
import sys
from pathlib import Path
from foundation.steps import Steps
try:
    with Steps(1, Path(sys.argv[1])).step("work") as step:
        step.run(["sh", "-c", "sleep 1000 & echo $! >&2; echo started > " + sys.argv[2] + "; wait"])
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_ctrl_c_ends_the_command_and_all_that_it_started(tmp_path: Path) -> None:
    started = tmp_path / "started"
    os.mkfifo(started)
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path / "log"), str(started)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        started.read_text()  # blocks until the command within has started
        process.send_signal(signal.SIGINT)
        _, shown = process.communicate()
    assert process.returncode == 130
    assert "[1/1] work   interrupted" in shown
    (grandchild,) = (int(line) for line in (tmp_path / "log").read_text().splitlines() if line.isdecimal())
    assert not is_alive(grandchild)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


ALONE = {**os.environ, "PIP_CONFIG_FILE": os.devnull, "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}


def pip_download(index: str, folder: Path) -> list[str | Path]:
    python = (sys.executable, "-m", "pip", "download", "--retries", "1")
    return [*python, "--index-url", f"{index}/simple", "--dest", folder, "six"]


def uv_install(index: str, folder: Path) -> list[str | Path]:
    uv = Path(sys.executable).with_name("uv")
    return [uv, "pip", "install", "--no-config", "--default-index", f"{index}/simple", "--target", folder, "six"]


@pytest.mark.parametrize("command", [pip_download, uv_install])
def test_an_index_that_cannot_be_reached_is_said_in_words(
    command: Callable[[str, Path], list[str | Path]], tmp_path: Path
) -> None:
    steps = Steps(total=1, log=tmp_path / "log", stream=io.StringIO())
    with pytest.raises(Problem) as raised, steps.step("packages") as step:
        step.run(command("http://127.0.0.1:9", tmp_path / "there"), env=ALONE)  # the discard port: nobody listens
    assert raised.value.found == "pip could not reach the package index"
    assert "then run the same command again: finished steps are kept" in raised.value.do


@pytest.mark.parametrize("command", [pip_download, uv_install])
def test_an_index_whose_certificate_nobody_trusts_is_told_as_that(
    command: Callable[[str, Path], list[str | Path]], tmp_path: Path
) -> None:
    steps = Steps(total=1, log=tmp_path / "log", stream=io.StringIO())
    with untrusted_https(tmp_path) as index, pytest.raises(Problem) as raised, steps.step("packages") as step:
        step.run(command(index, tmp_path / "there"), env=ALONE)
    assert raised.value.found.startswith("the certificate of the package index cannot be verified: ")
    assert "PIP_CERT=/path/to/authority.pem" in raised.value.do
