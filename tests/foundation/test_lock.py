"""Processes of their own hold the lock and are killed: what the kernel does with it is the point."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE

import pytest

from foundation.lock import Taken, locked, locked_at_once, take
from foundation.problem import Problem
from tests.conftest import ROOT

HOLDS = """
import subprocess, sys
from pathlib import Path
from foundation.lock import locked, locked_at_once, take
path = Path(sys.argv[1])
with {how}:
    {then}
    print("held", flush=True)
    sys.stdin.read()
"""
AT_ONCE = "locked_at_once(path, name='the holder')"


@contextmanager
def holder(path: Path, how: str = "locked(path)", then: str = "pass") -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock on `path` until its standard input ends."""
    program = HOLDS.format(how=how, then=then)
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(params=["file", "folder"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """What is locked: a file that is not there yet, or a folder."""
    made = tmp_path / "lock"
    if request.param == "folder":
        made.mkdir()
    return made


def test_whoever_comes_second_is_told_once_and_waits_for_the_end_of_the_first(path: Path) -> None:
    told: list[str] = []
    with holder(path) as first:

        def waiting() -> None:
            told.append("waiting")
            assert first.stdin
            first.stdin.close()  # only now does the first one end

        with locked(path, waiting=waiting):
            assert first.wait(10) == 0
    assert told == ["waiting"]


def test_if_nobody_holds_it_nobody_waits(path: Path) -> None:
    for _ in range(2):
        with locked(path, waiting=lambda: pytest.fail("told to wait")):
            pass


@pytest.mark.parametrize("how", ["locked(path)", AT_ONCE])
def test_a_killed_holder_holds_nothing(path: Path, how: str) -> None:
    with holder(path, how) as first:
        first.kill()
        first.wait()
        os.close(take(path))


def test_whoever_does_not_wait_is_told_who_holds_it(tmp_path: Path) -> None:
    with holder(tmp_path / "lock", AT_ONCE), pytest.raises(Taken) as raised:
        take(tmp_path / "lock")
    assert raised.value.by == "the holder"


def test_a_holder_without_a_name_is_a_question_mark(path: Path) -> None:
    with holder(path), pytest.raises(Taken) as raised, locked_at_once(path):
        pass
    assert raised.value.by == "?"


def test_a_shorter_name_leaves_nothing_of_a_longer_one(tmp_path: Path) -> None:
    for name in ("the longer name", "short"):
        with locked_at_once(tmp_path / "lock", name):
            assert (tmp_path / "lock").read_text() == name


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_on_a_full_disk_the_lock_is_had_without_a_name() -> None:
    with locked_at_once(Path("/dev/full"), "a name that does not fit"), pytest.raises(Taken):
        take(Path("/dev/full"))


def test_what_is_taken_is_held_until_the_process_ends(tmp_path: Path) -> None:
    with holder(tmp_path / "lock", "__import__('contextlib').nullcontext()", "take(path, 'the hub')") as hub:
        with pytest.raises(Taken, match="the hub"):
            take(tmp_path / "lock")
        hub.kill()
        hub.wait()
        os.close(take(tmp_path / "lock"))


STARTS = "child = subprocess.Popen(['cat'], stdin=sys.stdin, stdout=subprocess.DEVNULL, close_fds=False)"


@pytest.mark.parametrize(("inheritable", "is_held"), [(True, True), (False, False)])
def test_a_command_that_outlives_its_killed_parent_holds_the_lock_if_it_was_inherited(
    tmp_path: Path, inheritable: bool, is_held: bool
) -> None:
    lock = tmp_path / "lock"
    with holder(lock, f"locked(path, inheritable={inheritable})", STARTS) as parent:
        parent.kill()
        parent.wait()
        try:
            os.close(take(lock))
            assert not is_held
        except Taken:
            assert is_held
        assert parent.stdin
        parent.stdin.close()  # the command ends
        with locked(lock):
            pass


def test_a_lock_that_cannot_be_made_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match="file/lock cannot be written: File exists"), locked(tmp_path / "file/lock"):
        pass


def test_its_file_is_private_and_stays(tmp_path: Path) -> None:
    with locked(tmp_path / "folder" / "lock"):
        pass
    assert (tmp_path / "folder" / "lock").stat().st_mode & 0o777 == 0o600
