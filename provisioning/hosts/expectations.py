"""What each host of an inventory should be, in the form in which the checks of a host are told."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

import yaml

from provisioning.hosts.inventory import Inventory, WorkshopHost
from provisioning.hosts.play import ANSIBLE

SSH = 22
WEB = (80, 443)
IMAGES = ("gilfree/hub:latest", "gilfree/proxy:latest")  # and the lab's, by its target
OFF = "off"


def expectation(inventory: Inventory, host: WorkshopHost, *, sessions: int = 1, rehearse: int = 0) -> dict[str, Any]:
    """What `provisioning.hosts.checks.host.Expected` is made of, for `host` with so many seats."""
    lab_image = f"gilfree/lab:{setting(host, 'workshop_lab_python')}-{setting(host, 'workshop_lab_target')}"
    digests = host.variables.get("workshop_image_digests") or {}
    ports = {int(host.text("ansible_port") or SSH), *map(int, host.variables.get("workshop_open_ports") or ())}
    mode = tls(host)
    return {
        "name": host.name,
        "connection": f"ansible://{host.name}?ansible_inventory={quote(str(inventory.path))}",
        "address": address(host),
        "url": url(host),
        "tls": mode,
        "ca_file": str(inventory.secrets / "authority" / "ca.pem") if mode == "internal" else "",
        "lab_image": lab_image,
        "images": {name: str(digests.get(name, "")) for name in (*IMAGES, lab_image)},
        "gpu_slots": gpu_slots(host),
        "open_ports": sorted(ports if mode == OFF else ports | set(WEB)),
        "sessions": sessions,
        "expires": host.text("workshop_expires"),
        "poweroff": setting(host, "workshop_expiry_poweroff").lower() in ("true", "yes", "on", "1"),
        "rehearse": rehearse,
    }


def setting(host: WorkshopHost, variable: str) -> str:
    """The value of `variable`, as text, that the roles see for `host`: its own, or the default of the role."""
    return host.text(variable, str(_defaults().get(variable, "")))


def tls(host: WorkshopHost) -> str:
    """acme, files, internal or off. YAML reads a bare off as false."""
    mode = setting(host, "workshop_tls").lower()
    return OFF if mode == "false" else mode


def gpu_slots(host: WorkshopHost) -> str:
    """In the form of GPU_SLOTS of compose.yaml; nothing said is, to the hub with CPU labs, none."""
    return host.text("workshop_gpu_slots") or ("" if setting(host, "workshop_lab_target") == "gpu" else "none")


def address(host: WorkshopHost) -> str:
    """Where the host is asked from outside."""
    return "127.0.0.1" if host.text("ansible_connection") == "local" else host.address


def url(host: WorkshopHost) -> str:
    """Where attendees find the hub of `host`."""
    if tls(host) == OFF:
        return "http://127.0.0.1:8000"
    name = host.text("workshop_domain") or address(host)
    return f"https://[{name}]" if ":" in name else f"https://{name}"


@cache
def _defaults() -> Mapping[str, Any]:
    """The defaults of all roles."""
    files = sorted(ANSIBLE.glob("roles/*/defaults/main.yml"))
    found = [yaml.safe_load(file.read_text(encoding="utf-8")) or {} for file in files]
    return {name: value for each in found for name, value in each.items()}
