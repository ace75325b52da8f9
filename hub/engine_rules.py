"""What the hub may ask of the Docker engine: to see, to run sessions as they are meant to be, and nothing else.

Whoever reaches the engine's socket is root on the host. These rules stand between: a hub that was taken over can start
and stop sessions, and cannot start anything that reaches the host.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from hub.engine import WORKSHOP_LABEL
from hub.gpus import KIND
from hub.seats import REHEARSAL
from hub.session_networks import WITHOUT_THE_HOST

VERSION = re.compile(r"^/v1\.[0-9]+(?=/)")
TO_SEE = re.compile(
    r"/(version|_ping|info|networks|networks/[^/]+|containers/json|containers/[^/]+/(json|logs)|images/.+/json)"
)
ON_A_SESSION = {"POST": re.compile(r"/containers/([^/]+)/(start|stop)"), "DELETE": re.compile(r"/containers/([^/]+)")}
ON_A_NETWORK = {
    "POST": re.compile(r"/networks/([^/]+)/(connect|disconnect)"),
    "DELETE": re.compile(r"/networks/([^/]+)"),
}
# What the hub sets, and nothing that could change its sense: the engine ignores case in names, so "privileged" counts.
OF_A_CONTAINER = frozenset(
    {"AttachStderr", "AttachStdin", "AttachStdout", "Cmd", "Env", "ExposedPorts", "HostConfig", "Image", "Labels"}
    | {"NetworkDisabled", "OpenStdin", "StdinOnce", "Tty", "Volumes"}
)
OF_ITS_HOST = frozenset(
    {"AutoRemove", "Binds", "CapDrop", "CpuPeriod", "CpuQuota", "DeviceRequests", "Init", "Links", "Memory"}
    | {"MemorySwap", "Mounts", "NetworkMode", "PidsLimit", "PortBindings", "SecurityOpt", "ShmSize"}
)
OF_A_DEVICE = frozenset({"Driver", "Count", "DeviceIDs", "Capabilities", "Options"})
OF_A_NETWORK = frozenset({"Name", "Driver", "Internal", "Options", "IPAM", "Labels", "CheckDuplicate"})


class RefusedError(Exception):
    """The hub may not do this; the text says why."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one workshop. `image` is the only one that it may run."""

    workshop: str
    image: str

    def container_to_look_up(self, method: str, target: str, body: Any) -> str | None:
        """The container that `must_be_a_session`, if any. Raises RefusedError for what is never allowed."""
        path = unquote(VERSION.sub("", urlsplit(target).path))
        if method in ("GET", "HEAD") and TO_SEE.fullmatch(path):
            return None
        if method == "POST" and path == "/containers/create":
            self._container(parse_qs(urlsplit(target).query).get("name", [""])[0], body)
            return None
        if method == "POST" and path == "/networks/create":
            self._network(body)
            return None
        if method in ON_A_SESSION and (found := ON_A_SESSION[method].fullmatch(path)):
            return found[1]
        if method in ON_A_NETWORK and (found := ON_A_NETWORK[method].fullmatch(path)):
            _require(found[1].startswith(self._prefix), f"the network {found[1]} is no session's")
            return None
        if method == "DELETE" and path.startswith("/volumes/"):
            ours = path.startswith(f"/volumes/{self.workshop}-home-{REHEARSAL}") and path.count("/") == 2
            _require(ours, "an attendee's home is never removed")
            return None
        raise RefusedError(f"{method} {path} is nothing that a hub needs")

    def must_be_a_session(self, inspected: Mapping[str, Any]) -> None:
        """Raises RefusedError if a container, as the engine shows it, is none of this workshop's sessions."""
        labels = (inspected.get("Config") or {}).get("Labels") or {}
        is_ours = labels.get(WORKSHOP_LABEL) == self.workshop
        _require(is_ours and str(inspected.get("Name")).startswith(f"/{self._prefix}"), "this container is no session")

    @property
    def _prefix(self) -> str:
        return f"{self.workshop}-lab-"

    def _container(self, name: str, body: Any) -> None:
        _only(body, OF_A_CONTAINER)
        _require(name.startswith(self._prefix), f"the name {name} is no session's")
        _require(body.get("Image") == self.image, f"the image {body.get('Image')} is not the sessions'")
        _require(
            (body.get("Labels") or {}).get(WORKSHOP_LABEL) == self.workshop, "a session carries the workshop's label"
        )
        self._host(body.get("HostConfig"))

    def _host(self, host: Any) -> None:
        _only(host, OF_ITS_HOST)
        _require(host.get("CapDrop") == ["ALL"], "a session has no capability")
        _require(host.get("SecurityOpt") == ["no-new-privileges"], "a session gains no privileges")
        _require(str(host.get("NetworkMode")).startswith(self._prefix), "a session is on its own network")
        _require(not (host.get("PortBindings") or host.get("Mounts") or host.get("Links")), "a session opens nothing")
        for bind in host.get("Binds") or []:
            _require(str(bind).startswith(f"{self.workshop}-home-"), f"{bind} is no attendee's volume")
        for request in host.get("DeviceRequests") or []:
            _only(request, OF_A_DEVICE)
            names = request.get("DeviceIDs") or [""]
            is_gpu = request.get("Driver") == "cdi" and all(str(each).startswith(f"{KIND}=") for each in names)
            _require(is_gpu, "a session's only device is a GPU")

    def _network(self, body: Any) -> None:
        _only(body, OF_A_NETWORK)
        _require(str(body.get("Name")).startswith(self._prefix), f"the name {body.get('Name')} is no session's")
        _require(body.get("Internal") is True and body.get("Driver") == "bridge", "a session's network leads nowhere")
        _require(body.get("Options") == WITHOUT_THE_HOST, "a session's network is not the host's")


def _only(body: Any, names: frozenset[str]) -> None:
    _require(isinstance(body, dict), "a description is missing")
    odd = {name for name, value in body.items() if value is not None and name not in names}
    _require(not odd, f"{', '.join(sorted(odd))} is nothing that a hub sets")


def _require(condition: object, otherwise: str) -> None:
    if not condition:
        raise RefusedError(otherwise)
