"""What the environment checks look at, as data: one `Environment`, made of what is here."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from checks.environment.machine import LinuxMachine, Machine
from checks.environment.nvidia import Gpus, NvidiaSmi

_CLONE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One lab environment on one machine."""

    python: Path  # the lab interpreter; it is asked in fresh children, so that nobody's imports are in the way
    prefix: Path  # the folder of the environment, as sys.prefix
    site_packages: Path
    lock: Path
    environ: Mapping[str, str]  # as the person has it, PYTHON_GIL included
    gil_option: str | None = None  # the value of -X gil=, where it was given
    home: Path  # the attendee's folder
    gpus: Gpus = field(default_factory=NvidiaSmi)
    machine: Machine = field(default_factory=LinuxMachine)

    def own_environ(self) -> dict[str, str]:
        """The person's variables below those of this process, which carry the marks by which its children are found."""
        return {**self.environ, **os.environ}

    def child_environ(self, **changes: str) -> dict[str, str]:
        """What a fresh interpreter gets: `own_environ` with `changes`, and nothing in it that forces the GIL."""
        merged = {**self.own_environ(), **changes}
        merged.pop("PYTHON_GIL", None)
        return merged


def here(environ: Mapping[str, str] | None = None, gil_option: str | None = None) -> Environment:
    """The environment of this process. A supervisor that has cleaned either passes on what the person had."""
    seen = os.environ if environ is None else environ
    prefix = Path(sys.prefix)
    state = Path(seen.get("WORKSHOP_STATE") or _CLONE / ".workshop")
    return Environment(
        python=Path(sys.executable),
        prefix=prefix,
        site_packages=Path(sysconfig.get_path("purelib")),
        lock=prefix / "lock.txt",
        environ=dict(seen),
        gil_option=gil_option or _own_gil_option(),
        home=Path(seen.get("WORKSHOP_HOME") or state / "home"),
    )


def _own_gil_option() -> str | None:
    value = sys._xoptions.get("gil")
    return None if value is None else str(value)
