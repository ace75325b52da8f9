from __future__ import annotations

from pathlib import Path

import pytest

from foundation.control_groups import cpu_quota, memory_left

GIB = 1 << 30


def tree(root: Path, files: dict[str, str]) -> Path:
    """A file system below `root`: path -> text."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_here_there_is_a_limit_or_none() -> None:
    assert (cpu_quota() or 1.0) > 0
    assert (memory_left() or 1) > 0


def test_without_control_groups_there_is_no_limit(tmp_path: Path) -> None:
    assert cpu_quota(tmp_path) is None
    assert memory_left(tmp_path) is None


def test_a_quota_of_version_2_is_the_narrowest_on_the_way_up(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/user.slice/session\n",
        "sys/fs/cgroup/user.slice/session/cpu.max": "max 100000\n",
        "sys/fs/cgroup/user.slice/cpu.max": "150000 100000\n",
    }
    assert cpu_quota(tree(tmp_path, files)) == 1.5


def version_1(root: Path, quota: str) -> Path:
    """A container of version 1, which sees the host's path of its group and not the group at that path."""
    files = {
        "proc/self/cgroup": "4:cpu,cpuacct:/docker/0f3a\n3:memory:/docker/0f3a\n0::/\n",
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": f"{quota}\n",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    }
    return tree(root, files)


@pytest.mark.parametrize(("written", "quota"), [("250000", 2.5), ("-1", None)])
def test_a_quota_of_version_1_is_read_and_minus_one_is_none(tmp_path: Path, written: str, quota: float | None) -> None:
    assert cpu_quota(version_1(tmp_path, written)) == quota


def test_memory_that_files_hold_can_be_had_back(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/\n",
        "sys/fs/cgroup/memory.max": f"{2 * GIB}\n",
        "sys/fs/cgroup/memory.current": f"{GIB}\n",
        "sys/fs/cgroup/memory.stat": f"anon 1\ninactive_file {GIB // 2}\n",
    }
    assert memory_left(tree(tmp_path, files)) == GIB + GIB // 2
