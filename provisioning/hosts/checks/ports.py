"""A host's ports, knocked at from outside: rules on the host say what should be, only a knock says what is."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping

from checks.suite import Failed, Skipped, check
from provisioning.hosts.checks.host import Door, Host, Outside, Subject

# The proxy's control, the hub, Docker's own: never to be met, whether something listens there now or not.
NEVER = (8001, 8081, 2375, 2376)
_PUBLISHED = re.compile(r":(?P<first>\d+)(?:-(?P<last>\d+))?->")


def require_outside(subject: Subject) -> None:
    """Skipped if the host is this machine: nothing here is outside of it."""
    address = subject.expected.address
    if address == "localhost" or _is_loopback(address):
        raise Skipped(f"the host is this machine ({address}): its ports can be asked from another one only")


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def gather_listening(host: Host) -> frozenset[int]:
    """The TCP ports that something on the host offers to other machines, published ones of containers included."""
    ran = host.run("ss --listening --tcp --numeric --no-header; echo; docker ps --format '{{.Ports}}' 2>/dev/null")
    listening, _, published = ran.out.partition("\n\n")
    ports = {_port(line.split()[3]) for line in listening.splitlines() if len(line.split()) > 3}
    for line in published.splitlines():
        for word in line.split(", "):
            found = _PUBLISHED.search(word)
            if found and not word.startswith(("127.", "[::1]")):
                ports.update(range(int(found["first"]), int(found["last"] or found["first"]) + 1))
    return frozenset(ports - {0})


def _port(place: str) -> int:
    """The port of "0.0.0.0:22"; 0 for one that only the host itself can reach."""
    address, _, port = place.rpartition(":")
    address = address.strip("[]").partition("%")[0]
    return 0 if address.startswith("127.") or address == "::1" else int(port)


def knock_all(outside: Outside, address: str, ports: Iterable[int]) -> Mapping[int, Door]:
    """What each of `ports` of `address` answers."""
    return {port: outside.knock(address, port) for port in sorted(set(ports))}


@check("host.ports_open", "What is to be open is open, from outside", requires=["host.reach"], limit_s=60)
def ports_open(subject: Subject) -> str:
    """Refused: nothing listens (host.hub, and sshd). Silent: a firewall before the host drops it; in a cloud, open the
    port in the security group or network rules too."""
    require_outside(subject)
    address, wanted = subject.expected.address, subject.expected.open_ports
    closed = {port: door for port, door in knock_all(subject.outside, address, wanted).items() if door != Door.OPEN}
    if closed:
        said = ", ".join(f"{port} is {door.value}" for port, door in closed.items())
        raise Failed(f"{address}: {said}", expected=f"open: {', '.join(map(str, wanted))}")
    return f"{', '.join(map(str, wanted))} at {address}"


@check("host.ports_closed", "Nothing else is open, from outside", requires=["host.reach"], limit_s=120)
def ports_closed(subject: Subject) -> str:
    """Docker publishes past ufw: publish on 127.0.0.1, or put the rule in the chain DOCKER-USER. Services that the
    image of the cloud brought: `sudo ss -ltnp` names them; stop them or close the port."""
    require_outside(subject)
    address = subject.expected.address
    offered = gather_listening(subject.host)
    asked = {*offered, *NEVER} - set(subject.expected.open_ports)
    met = [port for port, door in knock_all(subject.outside, address, asked).items() if door == Door.OPEN]
    if met:
        open_ones = ", ".join(map(str, subject.expected.open_ports))
        raise Failed(f"{address} answers at {', '.join(map(str, met))}", expected=f"nothing but {open_ones}")
    return f"{len(asked)} ports asked, none answers"
