from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from images.cache import kept
from images.pruning import DAY_S, UNUSED_DAYS, prune

OLD = "lab-3.13t-0123456789abcdef"


@pytest.fixture
def told() -> list[str]:
    return []


def folder(root: Path, name: str = OLD, days: float = UNUSED_DAYS + 1) -> Path:
    """A folder of the cache that was used last so many days ago."""
    made = root / name
    (made / "bin").mkdir(parents=True)
    then = time.time() - days * DAY_S
    for file in (made / "pyvenv.cfg", made / "bin" / "tool"):
        file.touch()
        os.utime(file, (then, then))
    os.utime(made, (then, then))
    return made


def test_what_nobody_has_used_for_a_month_is_removed_and_told(tmp_path: Path, told: list[str]) -> None:
    folder(tmp_path)
    recent = folder(tmp_path, "lab-3.13t-fedcba9876543210", days=UNUSED_DAYS - 1)
    prune(tmp_path, told.append)
    assert [each for each in tmp_path.iterdir() if each.is_dir()] == [recent]
    assert told == [f"removed: {OLD}, which nobody has used for 30 days"]


def test_what_was_asked_for_counts_as_used(tmp_path: Path, told: list[str]) -> None:
    old = folder(tmp_path)
    assert kept(OLD, tmp_path) == old
    prune(tmp_path, told.append)
    assert old.is_dir()


@pytest.mark.parametrize("file", ["pyvenv.cfg", "bin/tool"])
def test_what_was_read_counts_as_used(file: str, tmp_path: Path, told: list[str]) -> None:
    old = folder(tmp_path)
    os.utime(old / file, (time.time(), 0))  # as reading does if access times are noted
    prune(tmp_path, told.append)
    assert old.is_dir()


def test_a_link_to_what_is_used_does_not_count(tmp_path: Path, told: list[str]) -> None:
    old = folder(tmp_path)
    (tmp_path / "python").touch()
    (old / "bin" / "python").symlink_to(tmp_path / "python")
    os.utime(old, (0, 0))
    os.utime(old / "bin" / "python", (0, 0), follow_symlinks=False)
    prune(tmp_path, told.append)
    assert not old.exists()


@pytest.mark.parametrize("by", ["command", "environment"])
def test_what_a_process_holds_is_never_removed(by: str, tmp_path: Path, told: list[str]) -> None:
    old = folder(tmp_path)
    held = f"{old}/bin"
    command = [sys.executable, "-c", "input()", *([held] if by == "command" else [])]
    environment = {**os.environ, **({"PATH": held} if by == "environment" else {})}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE) as holder:
        prune(tmp_path, told.append)
        assert old.is_dir()
        holder.communicate(b"\n")
    prune(tmp_path, told.append)
    assert not old.exists()


@pytest.mark.parametrize(
    "name", ["downloads", "docker-engine", "extensions", "lab-3.13t-0123456789abcdef.gilfree-partial"]
)
def test_what_has_no_hash_for_a_name_is_left_alone(name: str, tmp_path: Path, told: list[str]) -> None:
    other = folder(tmp_path, name)
    prune(tmp_path, told.append)
    assert other.is_dir()
