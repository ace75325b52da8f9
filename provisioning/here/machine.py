"""What this machine is and has."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

from foundation import control_groups, cores
from foundation.problem import Problem

NVIDIA_SMI_LIMIT_S = 15.0
DEVICES = Path("/sys/bus/pci/devices")
PROCESSORS = ("x86_64", "aarch64")  # for these the package index has wheels of all that the locks name
OLDEST_LIBC = (2, 28)  # and they are made for this GNU C library, or a newer one
NVIDIA, DISPLAY = "0x10de", "0x03"  # PCI's numbers of the vendor, and of what draws or computes


def require_supported() -> None:
    """Raise Problem if the workshop cannot run on this kind of machine, whatever is installed."""
    reason = why_unsupported(sys.platform, platform.machine(), sys.maxsize.bit_length() + 1, _libc())
    if reason:
        raise Problem(
            f"this machine is not supported: {reason}",
            expected="Linux with the GNU C library, on x86-64 or 64-bit Arm; on Windows in WSL 2",
            do="use such a machine, also a virtual one; ./workshop provision rents one\n"
            "or, if Docker runs here: docker compose up",
        )


def why_unsupported(system: str, processor: str, bits: int, libc: tuple[int, ...]) -> str:
    """Why the workshop cannot run on a machine of this kind; "" if it can. libc: the GNU C library's version, or ()."""
    if system != "linux":
        return {"darwin": "it is a Mac", "win32": "it is Windows"}.get(system, f"its system is {system}")
    if processor not in PROCESSORS or bits != 64:
        return f"there are no ready packages for its processor ({processor}, {bits} bit)"
    if libc < OLDEST_LIBC:
        found = f"its GNU C library is {'.'.join(map(str, libc))}" if libc else "it has another C library than GNU's"
        return f"there are no ready packages for it, because {found}"
    return ""


def _libc() -> tuple[int, ...]:
    """The version of the GNU C library; () if there is another one."""
    try:
        said = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except ValueError:
        return ()
    return tuple(int(part) for part in said.rpartition(" ")[2].split(".") if part.isdecimal())


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


def require_memory(needed_mb: int) -> None:
    """Raise Problem if programs can take less memory than `needed_mb`."""
    free_mb = memory_free_mb()
    if free_mb < needed_mb:
        raise too_little_memory(free_mb, needed_mb)


def too_little_memory(free_mb: int, needed_mb: int) -> Problem:
    """What to tell if programs can take `free_mb`."""
    return Problem(
        f"too little memory: {free_mb} MB are free",
        expected=f"{needed_mb} MB of free memory",
        do="end other programs, or use a machine with more memory",
    )


def memory_free_mb() -> int:
    """The memory that programs can still take, in a container too."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    available = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), 0)
    left = control_groups.memory_left()
    return min(available, available if left is None else left) // 2**20


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
