"""`./workshop bench [NAME...]`: measures, prints, and judges nothing but what was promised beside it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches

from foundation import cores
from foundation.problem import ExitCode, Problem, exit_code_of
from tests.bench import figures, hosts, hub, interpreter, labs, schedules, workshop

BENCHMARKS: dict[str, Callable[[], Iterator[figures.Figure]]] = {
    "start": workshop.start,
    "memory": workshop.memory,
    "selfcheck": workshop.self_check,
    "verdicts": labs.verdicts,
    "mandelbrot": labs.mandelbrot,
    "hub": hub.hub,
    "interpreter": interpreter.interpreter,
    "schedules": schedules.schedules,
    "plan": hosts.plan,
    "provision": hosts.provision,
}


def main(names: Sequence[str]) -> ExitCode:
    """Run the benchmarks that `names` name, all if none is named."""
    for name in names:
        if name not in BENCHMARKS:
            near = get_close_matches(name, BENCHMARKS, n=1)
            do = f"./workshop bench {near[0]}" if near else ""
            raise Problem(f"no benchmark {name!r}", expected=", ".join(BENCHMARKS), do=do, exit_code=ExitCode.USAGE)
    print(f"{cores.usable()} cores, load average {os.getloadavg()[0]:.1f} at the start")
    for name in names or BENCHMARKS:
        print(f"\n{name}")
        for figure in BENCHMARKS[name]():
            print(figure, flush=True)
    print(f"\nload average {os.getloadavg()[0]:.1f} at the end")
    return ExitCode.PASS


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what it started is ended by it, whoever ends it
    sys.exit(exit_code_of(lambda: main(sys.argv[1:])))
