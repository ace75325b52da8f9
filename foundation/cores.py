"""How many cores this process may use. All of the workshop counts them here, so that every number shown is the same."""

from __future__ import annotations

import os
from collections.abc import Mapping

from foundation.control_groups import cpu_quota

TOLD = "PYTHON_CPU_COUNT"  # Python's own variable: os.process_cpu_count() follows it too


def usable() -> int:
    """The number of cores that this process can keep busy: how many threads that compute are worth starting."""
    return fewest(affinity(), cpu_quota(), os.environ)


def affinity() -> int:
    """The number of cores that the scheduler may put this process on."""
    return len(os.sched_getaffinity(0))


def fewest(affinity: int, quota: float | None, environ: Mapping[str, str]) -> int:
    """The least of `affinity`, whole cores of a container's `quota`, and PYTHON_CPU_COUNT in `environ`; at least one.

    Part of a core is no core: on a quota of 1.5, two threads would be held up in turn, and no figure would mean much.
    """
    told = environ.get(TOLD, "")
    limits = [affinity, *([int(quota)] if quota is not None else []), *([int(told)] if told.isdecimal() else [])]
    return max(1, min(limits))
