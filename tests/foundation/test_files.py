from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from foundation import files
from foundation.problem import Problem
from tests.conftest import ROOT

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


def test_a_file_is_made_with_its_folders_and_readable_by_all(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "file.py"
    files.write(target, b"text")
    assert target.read_bytes() == b"text"
    assert target.stat().st_mode & 0o777 == 0o644


def test_nothing_else_is_left_beside_it(tmp_path: Path) -> None:
    files.write(tmp_path / "file.py", b"one")
    files.write(tmp_path / "file.py", b"two")
    assert [path.name for path in tmp_path.iterdir()] == ["file.py"]


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


def test_a_file_in_the_place_of_the_folder_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("mine")
    with pytest.raises(Problem, match=r"folder/file\.py cannot be written"):
        files.write(tmp_path / "folder" / "file.py", b"text")
    assert (tmp_path / "folder").read_text() == "mine"


def test_where_there_is_no_room_the_old_content_stays_and_nothing_half_written_does(tmp_path: Path) -> None:
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
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        for _ in range(seen):
            writer.stdout.readline()
        writer.kill()
    content = target.read_bytes()
    assert content in (b"a" * 2_000_000, b"b" * 2_000_000)
