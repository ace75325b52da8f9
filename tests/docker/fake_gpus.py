"""GPUs for machines without any: CDI devices that real Docker hands out, each recognised by a file of its own."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from foundation import files

SPECIFICATIONS = Path("/etc/cdi")
OURS = SPECIFICATIONS / f"gilfree-test-{os.getpid()}.json"
SEEN_AT = "/etc/fake-gpu-uuid"  # a file: `docker exec` does not see variables that CDI sets


@contextmanager
def fake_gpus(count: int, folder: Path) -> Iterator[list[str]]:
    """The names of `count` CDI devices that exist for the block."""
    names = [f"GPU-{uuid.uuid4()}" for _ in range(count)]
    for name in names:
        (folder / name).write_text(f"{name}\n")
    SPECIFICATIONS.mkdir(exist_ok=True)
    _clear_away()
    _write(_device(name, folder / name) for name in names)
    try:
        yield names
    finally:
        OURS.unlink()


@contextmanager
def only(*names: str) -> Iterator[None]:
    """For the block, of the fake GPUs only those named `names` are there."""
    before = json.loads(OURS.read_text())["devices"]
    _write(device for device in before if device["name"] in names)
    try:
        yield
    finally:
        _write(before)


def _clear_away() -> None:
    """Remove the specifications of killed runs of tests: their GPUs' files are gone."""
    for left in SPECIFICATIONS.glob("gilfree-test-*.json"):
        if not Path("/proc", left.stem.rpartition("-")[2]).exists():
            left.unlink()


def _device(name: str, file: Path) -> dict[str, Any]:
    mount = {"hostPath": str(file), "containerPath": SEEN_AT, "options": ["ro", "bind"]}
    return {"name": name, "containerEdits": {"mounts": [mount]}}


def _write(devices: Iterable[dict[str, Any]]) -> None:
    """Replace the specification whole; without devices there is none, as CDI wants it."""
    listed = list(devices)
    if not listed:
        OURS.unlink()
        return
    specification = {"cdiVersion": "0.6.0", "kind": "nvidia.com/gpu", "devices": listed}
    files.write(OURS, json.dumps(specification), mode=files.FOR_ALL_TO_READ)
