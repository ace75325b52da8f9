"""Room: is there enough memory and disk for the work of a session?"""

from __future__ import annotations

from checks.environment.environment import Environment
from checks.environment.machine import GIB, in_gib
from checks.suite import Failed, Inconclusive, check

# Two kernels of 350 MiB each, as a lab opens them side by side, and the child process in which a check runs.
MEMORY_NEEDED = 1 * GIB
# The lab files are small; the pictures in notebooks, traces of a profiler and backups of a week of labs are not.
DISK_NEEDED = GIB // 2


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
