"""What the NVIDIA driver says about itself, asked of the file system and of nvidia-smi."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

from checks.environment.fresh import Ran, run

_QUERY = "--query-gpu=name,uuid,memory.total,driver_version"
_FORMAT = "--format=csv,noheader,nounits"


class Gpus(Protocol):
    """What is asked about GPUs. `query` raises OSError if nvidia-smi cannot be started."""

    def nodes(self) -> Sequence[str]:
        """The device files through which programs reach a GPU."""

    def has_kernel_module(self) -> bool:
        """Whether the kernel has the driver loaded."""

    def query(self) -> Ran | None:
        """How nvidia-smi ended that was asked for every GPU, one CSV line each; None if there is no nvidia-smi."""


@dataclass(frozen=True, slots=True)
class NvidiaSmi:
    """The GPUs of this machine."""

    path: str | None = None  # where to look for nvidia-smi, as PATH
    root: Path = Path("/")
    limit_s: float = 8.0  # with persistence off, the first call after a while takes seconds

    def nodes(self) -> Sequence[str]:
        """/dev/nvidia0 and on, or /dev/dxg of WSL."""
        files = sorted((self.root / "dev").glob("nvidia[0-9]*")) + sorted((self.root / "dev").glob("dxg"))
        return [str(file) for file in files]

    def has_kernel_module(self) -> bool:
        """Whether /proc/driver/nvidia is there."""
        return (self.root / "proc/driver/nvidia/version").exists()

    def query(self) -> Ran | None:
        """Ask nvidia-smi, within the limit whatever the driver does."""
        program = shutil.which("nvidia-smi", path=self.path)
        return run([program, _QUERY, _FORMAT], os.environ, self.limit_s) if program else None


@dataclass(frozen=True, slots=True)
class Device:
    """One GPU. memory_mib: None if GPU and machine share theirs."""

    name: str
    uuid: str
    memory_mib: int | None
    driver: str

    @property
    def words(self) -> str:
        """Name, memory and UUID."""
        memory = (
            f"{self.memory_mib / 1024:.0f} GiB" if self.memory_mib is not None else "memory shared with the machine"
        )
        return f"{self.name}, {memory}, {self.uuid}"


class State(Enum):
    """In what state the driver is."""

    WORKS = auto()
    ABSENT = auto()
    NO_SMI = auto()
    NO_NODE = auto()
    NO_DEVICE = auto()
    MISMATCH = auto()
    HANGS = auto()
    NOT_LOADED = auto()
    BROKEN = auto()


@dataclass(frozen=True, slots=True)
class Driver:
    """What `gather` found and what it amounts to."""

    state: State
    devices: tuple[Device, ...] = ()
    said: str = ""


_SAID = (
    ("no devices were found", State.NO_DEVICE),
    ("version mismatch", State.MISMATCH),
    ("couldn't communicate with the nvidia driver", State.NOT_LOADED),
)


def gather(gpus: Gpus) -> tuple[Sequence[str], bool, Ran | None]:
    """Device files, whether the driver is loaded, and what nvidia-smi says, or why it cannot even be started."""
    try:
        ran = gpus.query()
    except OSError as error:
        ran = Ran(127, "", f"it cannot be started: {error}")
    return gpus.nodes(), gpus.has_kernel_module(), ran


def judge(nodes: Sequence[str], has_kernel_module: bool, ran: Ran | None) -> Driver:
    """The state that these three amount to. /dev/dxg alone is any graphics card under WSL, not one of NVIDIA."""
    if ran is None:
        return Driver(_state_without_smi([node for node in nodes if not node.endswith("dxg")], has_kernel_module))
    if ran.code is None:
        return Driver(State.HANGS)
    text = f"{ran.out}\n{ran.err}".strip()
    for words, state in _SAID:
        if words in text.lower():
            unreachable = state is State.NO_DEVICE and has_kernel_module and not nodes
            return Driver(State.NO_NODE if unreachable else state, said=ran.last_words)
    devices = _devices(ran.out) if ran.code == 0 else ()
    return Driver(State.WORKS, devices) if devices else Driver(State.BROKEN, said=f"it {ran.ending}: {ran.last_words}")


def _state_without_smi(nodes: Sequence[str], has_kernel_module: bool) -> State:
    if nodes:
        return State.NO_SMI
    return State.NO_NODE if has_kernel_module else State.ABSENT


def _devices(text: str) -> tuple[Device, ...]:
    """One Device per line of CSV; empty if a line is none, for then the rest is not to be trusted either."""
    rows = [[field.strip() for field in line.split(",")] for line in text.splitlines() if line.strip()]
    if any(len(row) != 4 for row in rows):
        return ()
    return tuple(
        Device(name, uuid, int(size) if size.isdecimal() else None, driver) for name, uuid, size, driver in rows
    )
