"""What this machine has, in one line."""

from __future__ import annotations

import subprocess
from pathlib import Path

from foundation import cores

NVIDIA_SMI_LIMIT_S = 15.0
DEVICES = Path("/sys/bus/pci/devices")
NVIDIA, DISPLAY = "0x10de", "0x03"  # PCI's numbers of the vendor, and of what draws or computes


def describe() -> str:
    """Cores, memory and GPU, as far as they can be seen."""
    count = cores.usable()
    return f"{count} core{'s' * (count != 1)}, {memory_gb():.0f} GB memory, {gpu()}"


def memory_gb() -> float:
    """The machine's memory."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024 / 1e9
    return 0.0


def gpu() -> str:
    """The GPUs that NVIDIA's driver lists, or why there are none."""
    names, reason = _listed()
    if names:
        return "GPU " + "; ".join(names)
    if has_nvidia_card():
        return f"no GPU that can be used: an NVIDIA card is there, its driver is not ({reason})"
    return f"no GPU ({reason})"


def has_nvidia_card() -> bool:
    """Whether a card of NVIDIA's is plugged in, with a driver or without."""
    for device in DEVICES.glob("*"):
        vendor, kind = ((device / name).read_text().strip() for name in ("vendor", "class"))
        if vendor == NVIDIA and kind.startswith(DISPLAY):
            return True
    return False


def _listed() -> tuple[list[str], str]:
    """Name and memory of each GPU, or why there is none."""
    try:
        listed = subprocess.run(
            ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=NVIDIA_SMI_LIMIT_S,
            check=False,
        )
    except FileNotFoundError:
        return [], "there is no nvidia-smi"
    except subprocess.TimeoutExpired:
        return [], f"nvidia-smi hung for {NVIDIA_SMI_LIMIT_S:.0f} s"
    names = [line.strip() for line in listed.stdout.splitlines() if line.strip()]
    return ([], "nvidia-smi lists none") if listed.returncode else (names, "nvidia-smi lists none")
