"""Which GPU slots there are: from GPU_SLOTS, and from what the host's CDI specifications name.

    GPU_SLOTS=                        each GPU that CDI names is one slot
    GPU_SLOTS=3                       each GPU that CDI names is shared by three
    GPU_SLOTS=GPU-1f2e,MIG-77aa*2     these GPUs, the second one shared by two
    GPU_SLOTS=GPU-1f2e*4@6000         four shares, and each is told to keep within 6000 MB
    GPU_SLOTS=none                    no GPU

Names are CDI's, without their kind: `nvidia-ctk cdi list` prints them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from foundation.problem import ExitCode, Problem
from hub.slots import Slot

KIND = "nvidia.com/gpu"
FOLDERS = (Path("/etc/cdi"), Path("/var/run/cdi"))
MOST_SHARES = 64
ENTRY = re.compile(r"(?P<device>[A-Za-z0-9][A-Za-z0-9_.:-]*)(\*(?P<shares>[0-9]+))?(@(?P<memory_mb>[0-9]+))?")
INDEX = re.compile(r"[0-9]+(:[0-9]+)?")


@dataclass
class Gpus:
    """The GPU slots that `wanted`, in the form of GPU_SLOTS, asks for, of the GPUs that are there when asked.

    `folders` is where CDI's specifications are.
    """

    wanted: str
    folders: Iterable[Path] = FOLDERS
    _names_seen: bool = False

    def slots(self, engine: Mapping[str, Any]) -> list[Slot]:
        """The slots now. `engine` is what the Docker engine says of itself now.

        A GPU that GPU_SLOTS names counts as long as CDI is not seen to name others only: an engine's specifications
        may be if the hub cannot look.
        """
        wanted = require_sense(self.wanted)
        if wanted == "none":
            return []
        names = cdi_names(engine, self.folders)
        if not wanted or wanted.isdigit():
            return [slot for device in by_uuid(names) for slot in _shares(device, int(wanted or 1), None)]
        self._names_seen = self._names_seen or bool(names)
        return [slot for slot in _named(wanted) if slot.device in names or not self._names_seen]


def require_sense(wanted: str) -> str:
    """`wanted` without blanks around it. Raises Problem where it is not in the form of GPU_SLOTS."""
    wanted = wanted.strip()
    if wanted.isdigit():
        _shares("each GPU", int(wanted), None)
    elif wanted not in ("", "none"):
        _named(wanted)
    return wanted


def cdi_names(engine: Mapping[str, Any], folders: Iterable[Path] = FOLDERS) -> set[str]:
    """All names that CDI has for NVIDIA GPUs, several for one.

    Engines from 28 on say what they have discovered; for others the specifications are read.
    """
    said = [str(device.get("ID", "")) for device in engine.get("DiscoveredDevices") or ()]
    names = {device.removeprefix(f"{KIND}=") for device in said if device.startswith(f"{KIND}=")}
    if not names:
        names = {name for folder in folders for file in _specifications(folder) for name in _devices(file)}
    return names - {"all"}


def by_uuid(names: Iterable[str]) -> list[str]:
    """Each GPU once: by its UUID rather than by its index, which may change."""
    unique = {name for name in names if not INDEX.fullmatch(name)}
    return sorted(unique or names)


def _specifications(folder: Path) -> list[Path]:
    return sorted(file for suffix in ("json", "yaml", "yml") for file in folder.glob(f"*.{suffix}"))


def _devices(file: Path) -> Iterator[str]:
    try:
        specification: Any = yaml.safe_load(file.read_text(encoding="utf-8"))  # JSON is YAML
    except (OSError, yaml.YAMLError) as error:
        raise Problem(
            f"{file} cannot be read: {error}",
            expected="a CDI specification",
            do=f"sudo nvidia-ctk cdi generate --output={file}",
        ) from error
    if isinstance(specification, dict) and specification.get("kind") == KIND:
        for device in specification.get("devices", []):
            yield str(device["name"])


def _named(wanted: str) -> list[Slot]:
    slots = [slot for entry in wanted.split(",") for slot in _slots_of(entry.strip())]
    if len(set(slots)) < len(slots):
        raise _problem(f"GPU_SLOTS names a GPU twice: {wanted}")
    return slots


def _slots_of(entry: str) -> list[Slot]:
    found = ENTRY.fullmatch(entry)
    if not found:
        raise _problem(f"GPU_SLOTS has an entry {entry!r}")
    return _shares(found["device"], int(found["shares"] or 1), int(found["memory_mb"]) if found["memory_mb"] else None)


def _shares(device: str, shares: int, memory_mb: int | None) -> list[Slot]:
    if not 1 <= shares <= MOST_SHARES:
        raise _problem(f"GPU_SLOTS shares {device} by {shares}")
    return [Slot(device, share, shares, memory_mb) for share in range(shares)]


def _problem(found: str) -> Problem:
    return Problem(
        found,
        expected=f"nothing, a number from 1 to {MOST_SHARES}, none, or GPUs like GPU-1f2e*2@6000,MIG-77aa",
        do="nvidia-ctk cdi list prints their names; set GPU_SLOTS in .env beside compose.yaml",
        exit_code=ExitCode.USAGE,
    )
