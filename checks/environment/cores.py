"""The cores: how many can be used, and what threads really gain on them here."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from checks.environment.environment import Environment
from checks.environment.fresh import run_script
from checks.suite import Failed, Found, Inconclusive, check
from foundation.cores import fewest

LIMIT_S = 30.0
# Two free cores give 1.6 to 2.0. Below this, what a lab says about speed here would be noise.
GAIN_THAT_SHOWS = 1.25


@dataclass(frozen=True, slots=True)
class Cores:
    """What was measured. gains: number of threads -> how many times as much they get done as one."""

    usable: int
    present: int
    quota: float | None
    load: float
    gil_on: bool
    gains: Mapping[int, float]


def gather(environment: Environment) -> Cores:
    """Count the cores and, where there are two, measure in a fresh child, alternating one thread and several."""
    try:
        quota = environment.machine.cpu_quota()
        usable = fewest(environment.machine.affinity(), quota, environment.environ)
    except (OSError, ValueError) as error:
        raise Inconclusive(f"the cores cannot be counted: {error}") from error
    counts = sorted({2, usable}) if usable > 1 else []
    arguments = [str(count) for count in counts]
    ran = run_script("threads", arguments, environment.python, environment.child_environ(), LIMIT_S)
    if ran.code != 0:
        raise Inconclusive(f"the measuring process {ran.ending}: {ran.last_words}")
    answer = json.loads(ran.out)
    gains = {int(count): gain for count, gain in answer["gains"].items()}
    present, load = max(os.cpu_count() or 1, usable), os.getloadavg()[0]
    return Cores(usable, present, quota, load, answer["gil_on"], gains)


def word(cores: Cores) -> str:
    """How many cores, and the gain of each number of threads."""
    limited = f" (of {cores.present})" if cores.present != cores.usable else ""
    quota = f", quota {cores.quota:g}" if cores.quota is not None else ""
    counted = f"{cores.usable} usable core{'s' if cores.usable > 1 else ''}{limited}{quota}"
    gains = [f"{count} threads do pure Python {gain:.1f}x as fast as one" for count, gain in cores.gains.items()]
    return "; ".join([counted, *gains])


def judge(cores: Cores) -> None:
    """Failed if threads cannot run at once, Inconclusive if this machine does not show that they do.

    Never Failed for a figure: on a busy machine a low gain says nothing about the environment.
    """
    if cores.gil_on:
        raise Failed(f"the GIL is on: {word(cores)}", expected="the GIL off in a fresh interpreter")
    if not cores.gains:
        raise Inconclusive(
            f"{word(cores)}: nothing can run at the same time here",
            expected="two or more",
            do="labs run, but what they say about speed is inconclusive; give the machine or container a second core",
        )
    if max(cores.gains.values()) < GAIN_THAT_SHOWS:
        raise Inconclusive(
            f"{word(cores)}; load average {cores.load:.1f}",
            expected=f"{GAIN_THAT_SHOWS}x or more",
            do="something else keeps the cores busy (`top` shows what); run `./workshop check cores` when it has ended",
            details=figures(cores),
        )


def figures(cores: Cores) -> dict[str, object]:
    """What a picture of it is drawn from."""
    return {"usable": cores.usable, "gains": {str(count): gain for count, gain in cores.gains.items()}}


@check("cores.parallel", "Threads run at the same time", requires=["gil.off"], limit_s=45)
def parallel(environment: Environment) -> Found:
    """Threads take turns although the interpreter is free-threaded: see what `./workshop check gil` says."""
    cores = gather(environment)
    judge(cores)
    return Found(word(cores), figures(cores))
