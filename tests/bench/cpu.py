"""CPU-seconds, of a process and of the whole machine."""

from __future__ import annotations

import os
from pathlib import Path

from foundation.processes import Process

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
OWN_AND_CHILDREN = slice(11, 15)  # utime, stime, cutime, cstime, counted from the state, see proc_pid_stat(5)
BUSY = (0, 1, 2, 5, 6)  # user, nice, system, irq, softirq, see proc_stat(5); idle and iowait are left out


def of_process(process: Process) -> float:
    """Its own and those of its children that have ended."""
    fields = (PROC / str(process.pid) / "stat").read_text().rpartition(") ")[2].split()
    return sum(map(int, fields[OWN_AND_CHILDREN])) / TICKS


def of_machine() -> float:
    """All that any process and the kernel have spent since the machine's start: differences of it mean something."""
    fields = [int(word) for word in (PROC / "stat").read_text().splitlines()[0].split()[1:]]
    return sum(fields[at] for at in BUSY) / TICKS
