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
from pathlib import Path
from typing import Any

import yaml

from checks.problem import ExitCode, Problem
from hub.slots import Slot

KIND = "nvidia.com/gpu"
FOLDERS = (Path("/etc/cdi"), Path("/var/run/cdi"))
MOST_SHARES = 64
ENTRY = re.compile(r"(?P<device>[A-Za-z0-9][A-Za-z0-9_.:-]*)(\*(?P<shares>[0-9]+))?(@(?P<memory_mb>[0-9]+))?")
INDEX = re.compile(r"[0-9]+(:[0-9]+)?")


def gpu_slots(wanted: str, engine: Mapping[str, Any], folders: Iterable[Path] = FOLDERS) -> list[Slot]:
    """The slots that `wanted`, in the form of GPU_SLOTS, asks for. Raises Problem where it makes no sense.

    `engine` is what the Docker engine says of itself, `folders` where CDI's specifications are.
    """
    wanted = wanted.strip()
    if wanted == "none":
        return []
    if not wanted or wanted.isdigit():
        return [slot for device in cdi_devices(engine, folders) for slot in _shares(device, int(wanted or 1), None)]
    slots = [slot for entry in wanted.split(",") for slot in _slots_of(entry.strip())]
    if len(set(slots)) < len(slots):
        raise _problem(f"GPU_SLOTS names a GPU twice: {wanted}")
    return slots


def cdi_devices(engine: Mapping[str, Any], folders: Iterable[Path] = FOLDERS) -> list[str]:
    """Each NVIDIA GPU that CDI names, once: by its UUID rather than by its index, which may change.

    Engines from 28 on say what they have discovered; for others the specifications are read.
    """
    said = [str(device.get("ID", "")) for device in engine.get("DiscoveredDevices") or ()]
    names = {device.removeprefix(f"{KIND}=") for device in said if device.startswith(f"{KIND}=")}
    if not names:
        names = {name for folder in folders for file in _specifications(folder) for name in _devices(file)}
    names -= {"all"}
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
