"""The machine: what is asked of it (a Protocol, so that tests can lend another), and the one that this runs on."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from foundation import control_groups, cores

GIB = 1 << 30


class Machine(Protocol):
    """What is asked of a machine. Each may raise OSError or ValueError if it cannot say."""

    def affinity(self) -> int:
        """The number of cores that the scheduler may put this process on."""

    def cpu_quota(self) -> float | None:
        """The number of cores' worth of time that a container allows, or None if it sets no limit."""

    def memory_available(self) -> int:
        """Bytes that can still be taken before the machine, or the container, runs short."""

    def disk_free(self, folder: Path, /) -> int:
        """Bytes that this user can still write where `folder` is, or will be."""


@dataclass(frozen=True, slots=True)
class LinuxMachine:
    """The machine that this runs on, read from /proc and /sys below `root`; control groups of both versions."""

    root: Path = Path("/")

    def affinity(self) -> int:
        """The number of cores that the scheduler may put this process on."""
        return cores.affinity()

    def cpu_quota(self) -> float | None:
        """The narrowest quota of the control groups that this process is in."""
        return control_groups.cpu_quota(self.root)

    def memory_available(self) -> int:
        """MemAvailable, or what the narrowest control group leaves, whichever is less."""
        lines = (self.root / "proc/meminfo").read_text().splitlines()
        values = dict(line.split(":", 1) for line in lines)
        available = int(values["MemAvailable"].split()[0]) * 1024
        left = control_groups.memory_left(self.root)
        return available if left is None else min(available, left)

    def disk_free(self, folder: Path) -> int:
        """What the file system of `folder`, or of its nearest parent that exists, leaves to this user."""
        existing = next(each for each in (folder, *folder.absolute().parents) if each.exists())
        return shutil.disk_usage(existing).free


def in_gib(size: int) -> str:
    """`size` bytes in GiB, in words."""
    return f"{size / GIB:.1f} GiB"
