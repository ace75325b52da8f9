"""The device of the GPU labs: `from labs.device import cuda` is numba.cuda on a GPU, or else its simulator.

The simulator goes step by step (checks.oracles.simulator), so that it is right without the GIL, too, and sees hazards.
"""

from __future__ import annotations

import os
from typing import Any

from checks.oracles import gpu_speed, simulator
from checks.oracles.gpu_races import Kind, Launch, Space
from foundation.problem import Problem
from labs import checking

if checking.device() == "simulator":
    os.environ.setdefault("NUMBA_ENABLE_CUDASIM", "1")  # read once, when Numba is imported

from numba import cuda

__all__ = ["cost", "cuda", "grid", "is_simulated", "last_launch", "where"]

_last: list[Launch] = []


def _keep(launch: Launch) -> None:
    _last[:] = [launch]


if simulator.is_on():
    simulator.attach(_keep)
elif os.environ.get("NUMBA_ENABLE_CUDASIM") == "1":
    raise Problem(
        "there is no GPU here, and Numba was imported before it could be told so",
        expected="`from labs.device import cuda` before anything else imports Numba",
        do="Kernel > Restart Kernel and Run All Cells",
    )


def is_simulated() -> bool:
    """Whether kernels run on the simulator: choose small sizes then."""
    return simulator.is_on()


def where() -> str:
    """One line: what kernels run on."""
    if simulator.is_on():
        return "There is no GPU here: kernels run on Numba's simulator, slowly, one thread at a time"
    name = cuda.get_current_device().name  # bytes or str: as Numba reaches the driver
    return f"Kernels run on {name.decode() if isinstance(name, bytes) else name}"


def grid() -> tuple[int, int]:
    """(blocks, threads in each): enough to keep this GPU busy; few on the simulator."""
    if simulator.is_on():
        return 4, 32
    return 8 * int(cuda.get_current_device().MULTIPROCESSOR_COUNT), 256


def last_launch() -> str:
    """What the simulator saw of the last launch: atomic updates, hazards. A GPU tells nothing of the kind."""
    if not simulator.is_on():
        return "a GPU keeps no record of hazards"
    if not _last:
        return "nothing has been launched"
    (launch,) = _last
    atomics = [f"{launch.total(space, Kind.ATOMIC)} in {space} memory" for space in Space]
    troubles = [str(each) for each in launch.findings]
    return "\n".join([f"atomic updates: {', '.join(atomics)}", *(troubles or ["no hazard"])])


def cost(kernel: Any, *arguments: Any) -> str:
    """What one launch of `kernel` costs: its time on a GPU; on the simulator, its updates of global memory instead."""
    kernel[grid()](*arguments)
    if simulator.is_on():
        return f"{_last[0].total(Space.GLOBAL, Kind.ATOMIC)} atomic updates in global memory"
    return f"{gpu_speed.milliseconds(lambda: kernel[grid()](*arguments)):.3f} ms"
