"""GPUs for machines without any: CDI devices that real Docker hands out, each recognised by a file of its own."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SPECIFICATIONS = Path("/etc/cdi")
SEEN_AT = "/etc/fake-gpu-uuid"  # a file: `docker exec` does not see variables that CDI sets


@contextmanager
def fake_gpus(count: int, folder: Path) -> Iterator[list[str]]:
    """The names of `count` CDI devices that exist for the block."""
    names = [f"GPU-{uuid.uuid4()}" for _ in range(count)]
    for name in names:
        (folder / name).write_text(f"{name}\n")
    devices = [
        {
            "name": name,
            "containerEdits": {
                "mounts": [{"hostPath": str(folder / name), "containerPath": SEEN_AT, "options": ["ro", "bind"]}]
            },
        }
        for name in names
    ]
    SPECIFICATIONS.mkdir(exist_ok=True)
    file = SPECIFICATIONS / f"gilfree-test-{uuid.uuid4().hex}.json"
    file.write_text(json.dumps({"cdiVersion": "0.6.0", "kind": "nvidia.com/gpu", "devices": devices}))
    try:
        yield names
    finally:
        file.unlink()
