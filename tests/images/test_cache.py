from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from foundation.lock import locked
from foundation.problem import Problem
from images.cache import PARTIAL, cache_root, content_key, discard, keep, kept, space


def silent(_: str) -> None:
    """Say nothing."""


def fill(work: Path, _: Path) -> Path:
    (work / "done").mkdir()
    (work / "done" / "file").write_text("whole")
    return work / "done"


def test_the_cache_is_where_xdg_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "chosen"))
    assert cache_root() == tmp_path / "chosen" / "gilfree"
    assert cache_root().is_dir()


@pytest.mark.parametrize("unset", ["", "relative/folder"])
def test_the_cache_is_in_the_home_folder_by_default(
    unset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", unset)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_root() == tmp_path / ".cache" / "gilfree"


def test_a_cache_that_cannot_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(Problem) as caught:
        cache_root()
    assert str(caught.value).splitlines() == [
        f"found:    the cache folder {tmp_path}/file/gilfree cannot be made: Not a directory",
        "expected: a folder that you may write",
        "do this:  set XDG_CACHE_HOME to one",
    ]


def test_the_key_changes_with_each_ingredient_and_with_the_recipe(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.py"
    recipe.write_text("one")
    key = content_key({"version": "1"}, [recipe])
    assert key == content_key({"version": "1"}, [recipe])
    assert key != content_key({"version": "2"}, [recipe])
    assert key != content_key({"version": "1"})
    recipe.write_text("two")
    assert key != content_key({"version": "1"}, [recipe])


def test_a_filled_folder_is_kept_under_its_name_and_not_filled_again(tmp_path: Path) -> None:
    assert kept("thing", tmp_path) is None
    folder = keep("thing", fill, root=tmp_path, needs_mb=1, say=silent)
    assert (folder / "file").read_text() == "whole"
    assert kept("thing", tmp_path) == folder

    def refuse(work: Path, final: Path) -> Path:
        raise AssertionError("filled twice")

    assert keep("thing", refuse, root=tmp_path, needs_mb=1, say=silent) == folder


def test_the_fill_knows_the_final_place(tmp_path: Path) -> None:
    def note(work: Path, final: Path) -> Path:
        (work / "done").mkdir()
        (work / "done" / "place").write_text(str(final))
        return work / "done"

    folder = keep("thing", note, root=tmp_path, needs_mb=1, say=silent)
    assert (folder / "place").read_text() == str(folder)


@pytest.mark.parametrize("trouble", [Problem("broken"), KeyboardInterrupt(), OSError(errno.EIO, "broken")])
def test_a_fill_that_fails_leaves_nothing(trouble: BaseException, tmp_path: Path) -> None:
    def fail(work: Path, final: Path) -> Path:
        (work / "half").touch()
        raise trouble

    with pytest.raises(type(trouble)):
        keep("thing", fail, root=tmp_path, needs_mb=1, say=silent)
    assert [path.name for path in tmp_path.iterdir()] == [".thing.lock"]
    assert keep("thing", fill, root=tmp_path, needs_mb=1, say=silent).is_dir()


KILLED = """
import sys
from pathlib import Path
from images.cache import keep
def fill(work, final):
    (work / "half").touch()
    open(sys.argv[2], "w").write("filling")
    open(sys.argv[2]).read()                      # blocks: nobody writes again
keep(sys.argv[3], fill, root=Path(sys.argv[1]), needs_mb=1, say=print)
"""


@pytest.mark.parametrize("asked_next", ["thing", "other"])
def test_what_a_killed_run_left_is_removed_by_the_next(asked_next: str, tmp_path: Path) -> None:
    root, filling = tmp_path / "cache", tmp_path / "filling"
    root.mkdir()
    os.mkfifo(filling)
    with subprocess.Popen([sys.executable, "-c", KILLED, str(root), str(filling), "thing"]) as process:
        filling.read_text()
        assert (root / f"thing{PARTIAL}" / "half").exists()
        process.send_signal(signal.SIGKILL)
    assert (root / f"thing{PARTIAL}").exists()
    keep(asked_next, fill, root=root, needs_mb=1, say=silent)
    assert sorted(path.name for path in root.iterdir() if not path.name.startswith(".")) == [asked_next]


ORPHANED = """
import sys
from pathlib import Path
from images.cache import keep
from foundation.steps import Steps
def fill(work, final):
    with Steps(1, Path(sys.argv[1]) / "log").step("work") as step:
        step.run(["sh", "-c", "echo $$ > " + sys.argv[2] + "; exec sleep 1000"])
keep("thing", fill, root=Path(sys.argv[1]), needs_mb=1, say=print)
"""


def test_a_command_that_outlives_a_killed_run_is_waited_for(tmp_path: Path) -> None:
    root, started = tmp_path / "cache", tmp_path / "started"
    root.mkdir()
    os.mkfifo(started)
    with subprocess.Popen([sys.executable, "-c", ORPHANED, str(root), str(started)]) as process:
        orphan = int(started.read_text())
        process.send_signal(signal.SIGKILL)
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        os.kill(orphan, signal.SIGKILL)

    assert (keep("thing", fill, root=root, needs_mb=1, say=say) / "file").exists()
    assert said == ["another run is making it: waiting"]


def test_of_two_at_once_one_fills_and_the_other_waits_and_says_so(tmp_path: Path) -> None:
    filling, waiting = threading.Event(), threading.Event()
    filled: list[str] = []
    said: list[str] = []

    def slow(work: Path, final: Path) -> Path:
        filling.set()
        assert waiting.wait(10)
        filled.append("first")
        return fill(work, final)

    def second(work: Path, final: Path) -> Path:
        filled.append("second")
        return fill(work, final)

    def say(text: str) -> None:
        said.append(text)
        waiting.set()

    thread = threading.Thread(target=lambda: keep("thing", slow, root=tmp_path, needs_mb=1, say=silent))
    thread.start()
    assert filling.wait(10)
    folder = keep("thing", second, root=tmp_path, needs_mb=1, say=say)
    thread.join()
    assert filled == ["first"]
    assert said == ["another run is making it: waiting"]
    assert (folder / "file").read_text() == "whole"


def test_a_partial_folder_that_is_being_filled_is_left_alone(tmp_path: Path) -> None:
    busy = tmp_path / f"other{PARTIAL}"
    busy.mkdir()
    with locked(tmp_path / ".other.lock"):
        keep("thing", fill, root=tmp_path, needs_mb=1, say=silent)
    assert busy.is_dir()


def test_too_little_space_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="is full") as caught:
        keep("thing", fill, root=tmp_path, needs_mb=10**9, say=silent)
    assert caught.value.expected == "at least 1000000000 MB free"
    assert [path.name for path in tmp_path.iterdir()] == [".thing.lock"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_disk_that_runs_full_meanwhile_is_told_the_same_way(tmp_path: Path) -> None:
    def overflow(work: Path, final: Path) -> Path:
        Path("/dev/full").write_text("more than fits")
        return work

    with pytest.raises(Problem, match="is full"):
        keep("thing", overflow, root=tmp_path, needs_mb=1, say=silent)


def test_other_trouble_with_files_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), space(tmp_path, 1):
        raise PermissionError(errno.EACCES, "no")


def test_a_discarded_folder_is_gone_and_can_be_filled_again(tmp_path: Path) -> None:
    keep("thing", fill, root=tmp_path, needs_mb=1, say=silent)
    discard("thing", tmp_path)
    assert kept("thing", tmp_path) is None
    discard("thing", tmp_path)
    assert keep("thing", fill, root=tmp_path, needs_mb=1, say=silent).is_dir()
