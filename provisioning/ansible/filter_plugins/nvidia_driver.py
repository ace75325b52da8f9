"""What to do about a host's NVIDIA driver: pure functions over what files/driver_facts.sh of the role found."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

OLDEST_BRANCH = 570  # reads the PTX that CUDA 12.8's compiler writes; checks/environment/gpu.py asks for the same
VERSION = re.compile(r"[0-9]+(\.[0-9]+)+")


@dataclass(frozen=True)
class DriverFacts:
    """A host's driver. A version is "" if there is none."""

    smi: str = ""
    loaded: str = ""
    installed: str = ""
    nouveau: bool = False
    gpus: int = 0
    secure_boot: bool = False
    kernel: str = ""


@dataclass(frozen=True)
class Decision:
    """What to do: "keep", "install" `packages`, or "refuse"; and why. `found`, `expected` and `do` are for people."""

    action: str
    why: str = ""
    packages: list[str] = field(default_factory=list)
    from_nvidia: bool = False
    found: str = ""
    expected: str = ""
    do: str = ""


def driver_facts(said: str) -> DriverFacts:
    """The facts in the lines NAME=VALUE of `said`. What is no version, like an error of nvidia-smi, counts as none."""
    lines = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    versions = {name: _version(lines.get(name, "")) for name in ("smi", "loaded", "installed")}
    return DriverFacts(
        **versions,
        nouveau=lines.get("nouveau", "0") not in ("", "0"),
        gpus=int(lines.get("gpus") or 0),
        secure_boot=lines.get("secure_boot", "").strip() == "1",
        kernel=lines.get("kernel", ""),
    )


def driver_decision(facts: DriverFacts, distribution: str, branch: str, modules: str) -> Decision:
    """What makes `facts` a host whose driver is good for the workshop."""
    if facts.smi and branch_of(facts.smi) >= OLDEST_BRANCH:
        return Decision("keep", f"driver {facts.smi} works")
    if not facts.gpus:
        return Decision(
            "refuse",
            found="no NVIDIA GPU on this host's PCI bus, and no nvidia-smi that works",
            expected="a GPU",
            do="take a host with a GPU; or set workshop_lab_target: cpu",
        )
    if branch_of(facts.installed) >= OLDEST_BRANCH:
        return Decision("keep", f"driver {facts.installed} is installed")
    if distribution == "Ubuntu":
        return Decision("install", _why(facts), packages=_signed_by_canonical(facts.kernel, branch, modules))
    if facts.secure_boot:
        return Decision(
            "refuse",
            found="Secure Boot is on, and Debian has no signed driver modules",
            expected="Secure Boot off, or Ubuntu, whose modules Canonical signs",
            do="turn Secure Boot off in the firmware or the provider's console, or start the host from Ubuntu 24.04",
        )
    return Decision("install", _why(facts), packages=_from_nvidia(facts.kernel, modules), from_nvidia=True)


def reboot_reason(facts: DriverFacts) -> str:
    """Why only a reboot gets the installed driver to work; "" for no need. State decides, not what was done."""
    if not facts.installed or (facts.smi and facts.smi == facts.loaded == facts.installed):
        return ""
    if facts.nouveau:
        return f"nouveau holds the GPU, driver {facts.installed} is installed"
    if facts.loaded and facts.loaded != facts.installed:
        return f"driver {facts.loaded} is loaded, {facts.installed} is installed"
    return "" if facts.smi else f"driver {facts.installed} is installed and does not answer"


def branch_of(version: str) -> int:
    """580 of 580.95.05; 0 of ""."""
    return int(version.split(".", maxsplit=1)[0] or 0)


def _version(text: str) -> str:
    return text.strip() if VERSION.fullmatch(text.strip()) else ""


def _why(facts: DriverFacts) -> str:
    older = facts.smi or facts.installed
    return f"driver {older} is older than {OLDEST_BRANCH}" if older else "there is no driver"


def _signed_by_canonical(kernel: str, branch: str, modules: str) -> list[str]:
    """Prebuilt for the running kernel: nothing is compiled, and Secure Boot may stay on."""
    series = f"{branch}-server-open" if modules == "open" else f"{branch}-server"
    return [
        f"linux-modules-nvidia-{series}-{kernel}",
        f"nvidia-headless-no-dkms-{series}",
        f"nvidia-utils-{branch}-server",
    ]


def _from_nvidia(kernel: str, modules: str) -> list[str]:
    """Compiled here, against the running kernel's headers."""
    return [
        f"linux-headers-{kernel}",
        "nvidia-kernel-open-dkms" if modules == "open" else "nvidia-kernel-dkms",
        "nvidia-driver-cuda",
    ]


class FilterModule:
    """What Ansible asks for filters; it gets dictionaries, not our types."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Their names in playbooks."""
        return {
            "driver_facts": lambda said: asdict(driver_facts(said)),
            "driver_decision": lambda facts, *wishes: asdict(driver_decision(_facts(facts), *wishes)),
            "reboot_reason": lambda facts: reboot_reason(_facts(facts)),
        }


def _facts(found: Mapping[str, Any]) -> DriverFacts:
    return DriverFacts(**found)
