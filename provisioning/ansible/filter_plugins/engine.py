"""What to do about a host's Docker engine: which packages, which settings. Pure functions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

OLDEST = (25, 0)  # the first with CDI devices, and with the health checks' start_interval that compose.yaml uses
OWN_SETTINGS: dict[str, Any] = {
    "features": {"cdi": True},
    "cdi-spec-dirs": ["/etc/cdi", "/var/run/cdi"],
    "live-restore": True,  # sessions outlive a restart of the engine
}
LOGS = {"log-driver": "json-file", "log-opts": {"max-size": "10m", "max-file": "3"}}
PACKAGES = {
    "Ubuntu": ["docker.io", "docker-compose-v2", "docker-buildx"],
    "Debian": ["docker.io", "docker-cli", "docker-compose", "docker-buildx"],
    "Docker": ["docker-ce", "docker-ce-cli", "containerd.io", "docker-compose-plugin", "docker-buildx-plugin"],
}


def engine_plan(version: str, distribution: str, release: str) -> dict[str, Any]:
    """For a host with engine `version`, "" for none: "keep" it, "install" `packages`, or "refuse" what is too old."""
    if version:
        return {"action": "keep" if _numbers(version) >= OLDEST else "refuse", "packages": [], "from_docker": False}
    too_old_there = distribution == "Debian" and int(release) < 13  # docker.io 20.10
    source = "Docker" if too_old_there else distribution
    return {"action": "install", "packages": PACKAGES[source], "from_docker": too_old_there}


def engine_settings(current: Mapping[str, Any]) -> dict[str, Any]:
    """daemon.json with what the workshop needs in it, and all that was `current` kept."""
    merged = _merged(current, OWN_SETTINGS)
    return merged if "log-driver" in merged or "log-opts" in merged else {**merged, **LOGS}


def settings_problem(current: Mapping[str, Any]) -> str:
    """What in daemon.json cannot be with a workshop; "" if nothing is."""
    if current.get("iptables") is False:
        return "iptables is false: the engine would open no port, and the firewall's rules would not be asked"
    if current.get("ip-forward") is False:
        return "ip-forward is false: no packet would reach the workshop"
    if "userns-remap" in current:
        return "userns-remap is set: the proxy could not read the certificate, nor the hub's filter the engine's socket"
    return ""


def parsed_settings(text: str) -> dict[str, Any] | None:
    """daemon.json's `text` as it is meant; None where it is no JSON object."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def engine_in_force(info: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """Whether an engine that says `info` about itself runs with our `settings`, or has not been restarted since."""
    return info.get("CDISpecDirs") == settings["cdi-spec-dirs"] and info.get("LiveRestoreEnabled") is True


def _merged(theirs: Any, ours: Any) -> Any:
    if isinstance(theirs, Mapping) and isinstance(ours, Mapping):
        added = {name: _merged(theirs[name], value) if name in theirs else value for name, value in ours.items()}
        return {**theirs, **added}
    if isinstance(theirs, list) and isinstance(ours, list):
        return [*theirs, *(item for item in ours if item not in theirs)]
    return ours


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"[0-9]+", version)[:2])


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Their names in playbooks."""
        return {
            "engine_plan": engine_plan,
            "engine_settings": engine_settings,
            "settings_problem": settings_problem,
            "parsed_settings": parsed_settings,
            "engine_in_force": engine_in_force,
        }
