"""Hosts that are made of data: what each command answers there, and which doors are open from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from checks.environment.fresh import Ran
from provisioning.hosts.checks.host import COMMAND_LIMIT_S, Door, Expected, Host, Subject, Unreachable

GPU_0, GPU_1 = "GPU-0a0a", "GPU-1b1b"
DRIVER = "570.86.15"
LAB, HUB = "gilfree/lab:3.13t-gpu", "gilfree/hub:latest"


@dataclass
class FakeHost:
    """Answers a command by the first of `answers` whose key is a part of it; keeps what it was asked."""

    answers: Mapping[str, str | Ran] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def run(self, command: str, _limit_s: float = COMMAND_LIMIT_S) -> Ran:
        self.asked.append(command)
        for part, answer in self.answers.items():
            if part in command:
                return Ran(0, answer, "") if isinstance(answer, str) else answer
        return Ran(127, "", "sh: 1: not found")

    @contextmanager
    def tunnel(self, port: int) -> Iterator[int]:
        yield port


@dataclass(frozen=True)
class LostHost:
    """Nothing leads to it."""

    def run(self, _command: str, _limit_s: float = COMMAND_LIMIT_S) -> Ran:
        raise Unreachable("ssh: connect to host 192.0.2.7 port 22: Connection timed out")

    def tunnel(self, _port: int) -> Any:
        raise Unreachable("ssh: connect to host 192.0.2.7 port 22: Connection timed out")


@dataclass(frozen=True)
class FakeOutside:
    """A network on which `open_ports` answer, `refused` refuse, and all else is silent; a clock that stands still."""

    open_ports: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()
    clock: float = 1_800_000_000.0

    def knock(self, _address: str, port: int) -> Door:
        if port in self.open_ports:
            return Door.OPEN
        return Door.REFUSED if port in self.refused else Door.SILENT

    def now(self) -> float:
        return self.clock


def subject_of(answers: Mapping[str, str | Ran] | Host, outside: FakeOutside = FakeOutside(), **more: Any) -> Subject:
    """A host that gives these answers, and of which `more` is expected."""
    host = FakeHost(answers) if isinstance(answers, Mapping) else answers
    wanted = {"name": "gpu1", "connection": "local://", "address": "192.0.2.7", "lab_image": LAB, **more}
    return Subject(Expected.from_json(wanted), host, outside)


def driver_answer(
    *,
    loaded: str = DRIVER,
    installed: str = DRIVER,
    smi: str | None = None,
    code: int = 0,
    nodes: str = "/dev/nvidia0 /dev/nvidia1",
) -> str:
    """What the question for the driver prints on a host with two GPUs, or with what is given."""
    module = f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {loaded}  Thu Jan 23 2025" if loaded else ""
    lines = "".join(f"NVIDIA L4, {uuid}, 23034, {loaded or installed}\n" for uuid in (GPU_0, GPU_1))
    said = lines if smi is None else smi
    return f"{nodes}\n=====\n{module}\n=====\n{installed}\n=====\n{said}=====\n{code}\n"


def specification(*names: str, driver: str = DRIVER, kind: str = "nvidia.com/gpu") -> str:
    """A CDI specification in the form of nvidia-ctk."""
    devices = "".join(f"- name: {name!r}\n  containerEdits: {{}}\n" for name in names)
    library = f"/usr/lib/x86_64-linux-gnu/libcuda.so.{driver}"
    return (
        f"cdiVersion: 0.5.0\nkind: {kind}\ndevices:\n{devices}"
        f"containerEdits:\n  mounts:\n  - hostPath: {library}\n    containerPath: {library}\n"
    )


def specifications(**files: str) -> str:
    """What the question for the specifications prints: name of a file -> its text."""
    return "".join(f"=====/etc/cdi/{name}\n{text}" for name, text in files.items())


def listed(*uuids: str) -> str:
    """What `nvidia-smi -L` prints."""
    return "".join(f"GPU {number}: NVIDIA L4 (UUID: {uuid})\n" for number, uuid in enumerate(uuids))
