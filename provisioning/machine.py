"""What this machine has, in one line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

NVIDIA_SMI_LIMIT_S = 15.0


def describe() -> str:
    """Cores, memory and GPU, as far as they can be seen."""
    cores = len(os.sched_getaffinity(0))
    return f"{cores} core{'s' * (cores != 1)}, {memory_gb():.0f} GB memory, {gpu()}"


def memory_gb() -> float:
    """The machine's memory."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024 / 1e9
    return 0.0


def gpu() -> str:
    """The GPUs that NVIDIA's driver lists, or why there are none."""
    try:
        listed = subprocess.run(
            ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=NVIDIA_SMI_LIMIT_S,
            check=False,
        )
    except FileNotFoundError:
        return "no GPU (there is no nvidia-smi)"
    except subprocess.TimeoutExpired:
        return f"no GPU that answers (nvidia-smi hung for {NVIDIA_SMI_LIMIT_S:.0f} s)"
    names = [line.strip() for line in listed.stdout.splitlines() if line.strip()]
    if listed.returncode or not names:
        return "no GPU (nvidia-smi lists none)"
    return "GPU " + "; ".join(names)
