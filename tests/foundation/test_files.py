from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE
from typing import cast

import pytest

from foundation import files
from foundation.problem import Problem
from tests.conftest import ROOT

Write = Callable[..., None]

WRITES_FOR_EVER = """
import sys
from itertools import cycle
from pathlib import Path
from foundation import files
target = Path(sys.argv[1])
for number, content in enumerate(cycle([b"a" * 2_000_000, b"b" * 2_000_000])):
    files.write(target, content)
    print(number, flush=True)
"""


@pytest.fixture(params=[files.write, files.write_new])
def write(request: pytest.FixtureRequest) -> Write:
    return cast(Write, request.param)


@pytest.mark.parametrize("content", ["täxt", "täxt".encode()])
def test_a_file_is_made_with_its_folders(write: Write, tmp_path: Path, content: str | bytes) -> None:
    target = tmp_path / "a" / "b" / "file.py"
    write(target, content)
    assert target.read_bytes() == "täxt".encode()


@pytest.mark.parametrize("umask", [0, 0o077])
def test_its_owner_alone_can_read_it_unless_it_is_for_all(write: Write, tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write(tmp_path / "private", "text")
        write(tmp_path / "public", "text", mode=files.FOR_ALL_TO_READ)
    finally:
        os.umask(before)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("private", "public")]
    assert modes == [0o600, 0o644]


def test_a_new_file_replaces_none(tmp_path: Path) -> None:
    files.write_new(tmp_path / "file", "first")
    with pytest.raises(FileExistsError):
        files.write_new(tmp_path / "file", "second")
    assert (tmp_path / "file").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


WRITES_WHEN_TOLD = """
import sys
from pathlib import Path
from foundation import files
print("ready", flush=True)
sys.stdin.readline()
try:
    files.write_new(Path(sys.argv[1]), sys.argv[2])
    print("written")
except FileExistsError:
    print("was there")
"""


def test_of_many_processes_at_once_one_writes_the_new_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITES_WHEN_TOLD, str(tmp_path / "file")]
    writers = [
        subprocess.Popen([*command, str(number)], cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) for number in range(6)
    ]
    assert [each.stdout.readline() for each in writers if each.stdout] == ["ready\n"] * 6
    for each in writers:
        assert each.stdin
        each.stdin.write("go\n")
        each.stdin.flush()
    said = [each.communicate()[0] for each in writers]
    assert sorted(said) == ["was there\n"] * 5 + ["written\n"]
    assert (tmp_path / "file").read_text() == str(said.index("written\n"))


def test_nothing_else_is_left_beside_it(tmp_path: Path) -> None:
    files.write(tmp_path / "file.py", b"one")
    files.write(tmp_path / "file.py", b"two")
    assert [path.name for path in tmp_path.iterdir()] == ["file.py"]


def test_an_interrupted_writer_leaves_nothing(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "file", "text")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_the_file_is_a_problem_and_stays(tmp_path: Path) -> None:
    (tmp_path / "file.py" / "inside").mkdir(parents=True)
    with pytest.raises(Problem) as raised:
        files.write(tmp_path / "file.py", b"text")
    assert str(raised.value) == (
        f"found:    {tmp_path}/file.py cannot be written: Is a directory\n"
        "expected: a folder that is yours, with room in it\n"
        f"do this:  look at what is there (`ls -ld {tmp_path} {tmp_path}/file.py`), then the same command again"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["file.py"]


def test_a_file_in_the_place_of_the_folder_is_a_problem(write: Write, tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("mine")
    with pytest.raises(Problem, match=r"folder/file\.py cannot be written"):
        write(tmp_path / "folder" / "file.py", b"text")
    assert (tmp_path / "folder").read_text() == "mine"


def test_if_there_is_no_room_the_old_content_stays_and_nothing_half_written_does(tmp_path: Path) -> None:
    (tmp_path / "file.py").write_text("old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(Problem, match=r"File too large"):
            files.write(tmp_path / "file.py", b"x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == ["file.py"]
    assert (tmp_path / "file.py").read_text() == "old"


def test_a_full_disk_is_said_with_the_command_that_shows_its_room() -> None:
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert str(files.not_written(Path("/home/ada/index.md"), error)) == (
        "found:    /home/ada/index.md cannot be written: No space left on device\n"
        "expected: a folder that is yours, with room in it\n"
        "do this:  make room there (`df -h /home/ada` shows how much there is), then the same command again"
    )


@pytest.mark.parametrize("seen", [1, 2, 3, 4])
def test_whenever_a_writer_is_killed_the_file_is_whole(tmp_path: Path, seen: int) -> None:
    target = tmp_path / "file.py"
    command = [sys.executable, "-c", WRITES_FOR_EVER, str(target)]
    with subprocess.Popen(command, cwd=ROOT, stdout=PIPE, text=True) as writer:
        assert writer.stdout
        for _ in range(seen):
            writer.stdout.readline()
        writer.kill()
    content = target.read_bytes()
    assert content in (b"a" * 2_000_000, b"b" * 2_000_000)
