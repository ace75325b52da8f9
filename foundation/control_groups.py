"""What the kernel's control groups allow this process, as a container sets it; both versions of them. Linux only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path("/")


def cpu_quota(root: Path = ROOT) -> float | None:
    """How many cores' worth of time the narrowest of this process's groups allows; None if none sets a limit."""
    return min([*_quotas_v2(root), *_quotas_v1(root)], default=None)


def memory_left(root: Path = ROOT) -> int | None:
    """Limit less use, in the narrowest of this process's groups; None if none sets a limit.

    Pages of files can be given back: they do not count as used.
    """
    return min(_memory_left(root), default=None)


def _quotas_v2(root: Path) -> Iterator[float]:
    for group in _groups(root, "", "sys/fs/cgroup"):
        words = _words(group / "cpu.max")
        if len(words) == 2 and words[0] != "max":
            yield int(words[0]) / int(words[1])


def _quotas_v1(root: Path) -> Iterator[float]:
    for group in _groups(root, "cpu", "sys/fs/cgroup/cpu"):
        quota, period = _words(group / "cpu.cfs_quota_us"), _words(group / "cpu.cfs_period_us")
        if quota and period and int(quota[0]) > 0:
            yield int(quota[0]) / int(period[0])


def _memory_left(root: Path) -> Iterator[int]:
    for controller, mount, limit, used, cache in (
        ("", "sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
        ("memory", "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        for group in _groups(root, controller, mount):
            limits, use = _words(group / limit), _words(group / used)
            if limits and use and limits[0] != "max":
                words = _words(group / "memory.stat")
                given_back = int(words[words.index(cache) + 1]) if cache in words else 0
                yield max(0, int(limits[0]) - int(use[0]) + given_back)


def _groups(root: Path, controller: str, mount: str) -> Iterator[Path]:
    """This process's group of `controller` ("" is version 2) and all above it, as far as they are visible here.

    In a container the path may be the host's, which is not there: what is mounted is the container's own group.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            top = root / mount
            own = top / path.lstrip("/")
            yield from (group for group in (own, *own.parents) if group.is_relative_to(top) and group.is_dir())


def _words(file: Path) -> Sequence[str]:
    try:
        return file.read_text().split()
    except OSError:
        return ()
