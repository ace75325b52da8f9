"""The machine: how many cores, how much memory and disk this process may really use, and whether that is enough."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from checks.suite import Failed, Inconclusive, check

if TYPE_CHECKING:
    from checks.environment.environment import Environment

MIB = 1 << 20
GIB = 1 << 30
# Two kernels of 350 MiB each, as a lab opens them side by side, and the child process in which a check runs.
MEMORY_NEEDED = 1 * GIB
# The lab files are small; the pictures in notebooks, traces of a profiler and backups of a week of labs are not.
DISK_NEEDED = 512 * MIB


class Machine(Protocol):
    """What is asked of a machine. Each may raise OSError or ValueError where it cannot say."""

    def affinity(self) -> int:
        """The number of cores that the scheduler may put this process on."""

    def cpu_quota(self) -> float | None:
        """The number of cores' worth of time that a container allows, or None where it sets no limit."""

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
        return len(os.sched_getaffinity(0))

    def cpu_quota(self) -> float | None:
        """The narrowest quota of the control groups that this process is in."""
        quotas = [*self._quotas_v2(), *self._quotas_v1()]
        return min(quotas, default=None)

    def memory_available(self) -> int:
        """MemAvailable, or what the narrowest control group leaves, whichever is less."""
        lines = (self.root / "proc/meminfo").read_text().splitlines()
        values = dict(line.split(":", 1) for line in lines)
        available = int(values["MemAvailable"].split()[0]) * 1024
        return min([available, *self._memory_left()])

    def disk_free(self, folder: Path) -> int:
        """What the file system of `folder`, or of its nearest parent that exists, leaves to this user."""
        existing = next(each for each in (folder, *folder.absolute().parents) if each.exists())
        return shutil.disk_usage(existing).free

    def _quotas_v2(self) -> Iterator[float]:
        for group in self._groups("", "sys/fs/cgroup"):
            words = _words(group / "cpu.max")
            if len(words) == 2 and words[0] != "max":
                yield int(words[0]) / int(words[1])

    def _quotas_v1(self) -> Iterator[float]:
        for group in self._groups("cpu", "sys/fs/cgroup/cpu"):
            quota, period = _words(group / "cpu.cfs_quota_us"), _words(group / "cpu.cfs_period_us")
            if quota and period and int(quota[0]) > 0:
                yield int(quota[0]) / int(period[0])

    def _memory_left(self) -> Iterator[int]:
        """Limit less use, of each group with a limit. Pages of files can be given back: they do not count as used."""
        for controller, mount, limit, used, cache in (
            ("", "sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
            ("memory", "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            for group in self._groups(controller, mount):
                limits, use = _words(group / limit), _words(group / used)
                if limits and use and limits[0] != "max":
                    words = _words(group / "memory.stat")
                    given_back = int(words[words.index(cache) + 1]) if cache in words else 0
                    yield max(0, int(limits[0]) - int(use[0]) + given_back)

    def _groups(self, controller: str, mount: str) -> Iterator[Path]:
        """This process's group of `controller` ("" is version 2) and all above it, as far as they are visible here.

        In a container the path may be the host's, which is not there: what is mounted is the container's own group.
        """
        try:
            lines = (self.root / "proc/self/cgroup").read_text().splitlines()
        except OSError:
            return
        for line in lines:
            _, controllers, path = line.split(":", 2)
            if controller in controllers.split(","):
                own = self.root / mount / path.lstrip("/")
                top = self.root / mount
                yield from (group for group in (own, *own.parents) if group.is_relative_to(top) and group.is_dir())


def _words(file: Path) -> Sequence[str]:
    try:
        return file.read_text().split()
    except OSError:
        return ()


def usable_cores(machine: Machine) -> int:
    """The cores that this process can keep busy: affinity, cut by a container's quota; at least one."""
    quota = machine.cpu_quota()
    return machine.affinity() if quota is None else max(1, min(machine.affinity(), int(quota)))


def in_gib(size: int) -> str:
    """`size` bytes in GiB, in words."""
    return f"{size / GIB:.1f} GiB"


@check("machine.memory", "There is memory for two kernels and a check")
def memory(environment: Environment) -> str:
    """Shut down kernels that you no longer use (in JupyterLab: Kernel > Shut Down All Kernels) and close other
    programs. In a container: ask the organiser for a higher memory limit."""
    try:
        available = environment.machine.memory_available()
    except (OSError, ValueError, KeyError) as error:
        raise Inconclusive(f"the available memory cannot be read: {error}") from error
    if available < MEMORY_NEEDED:
        raise Failed(f"{in_gib(available)} available", expected=f"{in_gib(MEMORY_NEEDED)} or more")
    return f"{in_gib(available)} available"


@check("machine.disk", "There is room on the disk for your work")
def disk(environment: Environment) -> str:
    """Remove what you no longer need from the folder that is named (`du -sh FOLDER/*` shows the large ones), or set
    WORKSHOP_HOME to a folder on a larger disk and run `./workshop up`."""
    try:
        free = environment.machine.disk_free(environment.home)
    except OSError as error:
        raise Inconclusive(f"the free space at {environment.home} cannot be read: {error}") from error
    if free < DISK_NEEDED:
        raise Failed(f"{in_gib(free)} free at {environment.home}", expected=f"{in_gib(DISK_NEEDED)} or more")
    return f"{in_gib(free)} free at {environment.home}"
