"""One network for each session, with the hub and the proxy on it and nothing else: sessions cannot reach one another.

The networks are internal, without an address of the host: no way out, neither to the host, nor to a cloud's metadata
address. Their addresses are our own choice, because the engine's default pools end at about thirty networks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from threading import Lock
from typing import Any

from docker import APIClient
from docker.errors import APIError
from docker.types import IPAMConfig, IPAMPool

from hub.engine import WORKSHOP_LABEL

ROOM = 29  # prefix length: eight addresses, of which gateway, hub, proxy and session take four
WITHOUT_THE_HOST = {"com.docker.network.bridge.inhibit_ipv4": "true"}
ALREADY_THERE = (403, 409)


class SessionNetworks:
    """The networks of one workshop's sessions on one engine. Calls block, and wait for one another."""

    _changing = Lock()  # two that create at once would choose the same addresses, or the same name twice

    def __init__(self, engine: APIClient, workshop: str, addresses: str, members: Iterable[str] = ("hub", "proxy")):
        self.engine = engine
        self.workshop = workshop
        self.addresses = IPv4Network(addresses)
        self.members = tuple(members)

    def ensure(self, name: str) -> None:
        """Afterwards the network `name` is there, and hub and proxy are on it."""
        with self._changing:
            if not self.engine.networks(names=[f"^{name}$"]):
                self._create(name)
            self._join(name)

    def remove(self, name: str) -> None:
        """Afterwards there is no network `name`. What is still on it, but for hub and proxy, keeps it there."""
        with self._changing:
            for container in self._members():
                _quietly(404, 403, 500, call=lambda c=container: self.engine.disconnect_container_from_network(c, name))
            _quietly(404, 403, 409, call=lambda: self.engine.remove_network(name))

    def rejoin(self) -> None:
        """Put a new hub or proxy on the networks of the sessions that run."""
        for network in self._ours():
            with self._changing:
                self._join(network["Name"])

    def _create(self, name: str) -> None:
        for subnet in self._free_subnets():
            try:
                self.engine.create_network(
                    name,
                    driver="bridge",
                    internal=True,
                    options=WITHOUT_THE_HOST,
                    labels={WORKSHOP_LABEL: self.workshop},
                    ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=str(subnet))]),
                )
            except APIError as error:
                if "overlaps" not in str(error.explanation):
                    raise
            else:
                return
        raise RuntimeError(f"no addresses left in {self.addresses} for another session's network")

    def _free_subnets(self) -> Iterator[IPv4Network]:
        taken = {pool["Subnet"] for network in self._ours() for pool in network["IPAM"]["Config"]}
        return (subnet for subnet in self.addresses.subnets(new_prefix=ROOM) if str(subnet) not in taken)

    def _join(self, name: str) -> None:
        there = self.engine.inspect_network(name)["Containers"]
        for service in self.members:
            for container in self._members(service):
                if container not in there:
                    _quietly(
                        *ALREADY_THERE,
                        call=lambda c=container, s=service: self.engine.connect_container_to_network(
                            c, name, aliases=[s]
                        ),
                    )

    def _ours(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.engine.networks(filters={"label": f"{WORKSHOP_LABEL}={self.workshop}"})
        return found

    def _members(self, *services: str) -> list[str]:
        """The containers of hub and proxy, by the labels that Docker Compose gives them."""
        project = f"com.docker.compose.project={self.workshop}"
        return [
            container["Id"]
            for service in services or self.members
            for container in self.engine.containers(
                filters={"label": [project, f"com.docker.compose.service={service}"]}
            )
        ]


def _quietly(*expected: int, call: Any) -> None:
    """Run `call`; what the engine answers with one of the `expected` statuses is as good as done."""
    try:
        call()
    except APIError as error:
        if error.status_code not in expected:
            raise
