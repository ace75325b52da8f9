"""From a lab and a file to a report: which interpreter, which flags, which device."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from checks import supervisor
from checks.exercise import COMMON
from foundation.model import Report, Result, Status
from labs.catalogue import Lab


def device() -> str:
    """What a lab for the GPU runs on: "gpu"; "simulator" if there is none or NUMBA_ENABLE_CUDASIM=1 asks for it."""
    if os.environ.get("NUMBA_ENABLE_CUDASIM") == "1":
        return "simulator"
    return "gpu" if Path("/dev/nvidiactl").exists() or shutil.which("nvidia-smi") else "simulator"


def check(lab: Lab, exercise: Path, on_result: Callable[[Result], None] = lambda _result: None) -> Report:
    """Judge `exercise` by the checks of `lab`, in a fresh child process of this interpreter."""
    where = device() if lab.runs_on == "gpu" else "cpu"
    simulated = where == "simulator"
    plan = supervisor.Plan(
        subject=f"lab {lab.number} {lab.title}",
        python=Path(sys.executable),
        suite="checks.exercise:suite",
        arguments=[str(lab.check_file), str(exercise), simulated],
        # Numba's simulator is itself racy without the GIL (shared arrays, atomics)
        flags=["-X", "gil=1"] if simulated else [],
        environment={"NUMBA_ENABLE_CUDASIM": "1"} if simulated else {},
        code_file=exercise,
        folder=exercise.parent,
    )
    report = supervisor.run(plan, on_result)
    return nothing_proved_is_an_error(replace(report, facts={**report.facts, "device": where}))


def nothing_proved_is_an_error(report: Report) -> Report:
    """`report`; with an ERROR added if every check of the lab's own was skipped: that must not read as a PASS."""
    own = [result for result in report.results if result.code not in COMMON]
    if not own or any(result.status is not Status.SKIPPED for result in own):
        return report
    missing = Result(
        code="lab",
        title="Something of this lab is proved",
        status=Status.ERROR,
        found=f"all of its checks were skipped: {own[0].found}",
        expected="a machine that can judge this lab",
    )
    return replace(report, results=(*report.results, missing))
