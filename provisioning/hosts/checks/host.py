"""What the checks of a host look at: what the inventory says of it, commands run there, and how it looks from outside.

Expected ──> Subject ── host      commands run there as root, through testinfra: local, docker, ssh or ansible
                     ── outside   what anybody on the network reaches, asked from this machine
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from checks.environment.fresh import Ran
from checks.suite import Failed, check

COMMAND_LIMIT_S = 30.0
TLS_OFF = "off"
T = TypeVar("T")


class Unreachable(Exception):  # noqa: N818 - an outcome
    """No command can be run on the host; the text says what the connection said."""


class Host(Protocol):
    """A machine somewhere. Both methods raise Unreachable if there is no way to it."""

    def run(self, command: str, limit_s: float = COMMAND_LIMIT_S, /) -> Ran:
        """How `command`, a text for sh, ended when root ran it there; its code is None past `limit_s`."""

    def tunnel(self, port: int, /) -> AbstractContextManager[int]:
        """For the block, a port of this machine's 127.0.0.1 that leads to `port` of the host's 127.0.0.1."""


class Door(StrEnum):
    """What a connection to a port meets."""

    OPEN = "open"
    REFUSED = "refused"
    SILENT = "silent"


class Outside(Protocol):
    """The network as this machine, not the host, sees it."""

    def knock(self, address: str, port: int, /) -> Door:
        """What a TCP connection to `address`:`port` meets within a few seconds."""

    def now(self) -> float:
        """Seconds since the epoch by this machine's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What one host should be, as data that travels between processes. The defaults are those of compose.yaml."""

    name: str
    connection: str  # testinfra's word for it: local://, docker://ID, ssh://user@host:port, ansible://...
    address: str = "127.0.0.1"  # where attendees' browsers and this machine find it
    url: str = "http://127.0.0.1:8000"
    tls: str = TLS_OFF
    ca_file: str = ""  # of an internal CA; "" is the system's own
    workshop: str = "gilfree"  # the name of the compose project
    lab_image: str
    images: Mapping[str, str] = field(default_factory=dict)  # reference -> digest; "" for the one noted there
    gpu_slots: str = ""  # as GPU_SLOTS of compose.yaml
    open_ports: tuple[int, ...] = (22,)
    sessions: int = 1  # how many seats the host has
    expires: str = ""  # ISO 8601 with zone
    poweroff: bool = False  # whether the host is to switch itself off then
    rehearse: int = 0  # how many sessions to start at once; 0 for none

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Expected:
        """The one that `dataclasses.asdict` was made of. TypeError where it is none."""
        ports = tuple(int(port) for port in data.get("open_ports", (22,)))
        return cls(**{**data, "open_ports": ports})

    @property
    def has_gpus(self) -> bool:
        """Whether sessions there are to have GPUs."""
        return self.gpu_slots != "none"

    @property
    def is_private(self) -> bool:
        """Whether the hub listens on the host's own 127.0.0.1 only."""
        return self.tls == TLS_OFF


@dataclass(frozen=True)
class Subject:
    """One host under check."""

    expected: Expected
    host: Host
    outside: Outside
    _seen: dict[Any, Any] = field(default_factory=dict)

    def once(self, gather: Callable[[Subject], T]) -> T:
        """What `gather` finds; asked once, however many checks want it."""
        if gather not in self._seen:
            self._seen[gather] = gather(self)
        found: T = self._seen[gather]
        return found


@check("host.reach", "The host can be reached and obeys as root")
def reach(subject: Subject) -> str:
    """Try the same by hand, with the user and the key of the inventory: `ssh -i KEY USER@HOST sudo -n true`. The key
    has to be one that the host knows, the user one who may use sudo without a password."""
    script = '. /etc/os-release; echo "$PRETTY_NAME, kernel $(uname -r), $(uname -m)"; id -u'
    try:
        ran = subject.host.run(script)
    except Unreachable as error:
        raise Failed(str(error), expected=f"a way to {subject.expected.address} and sudo there") from error
    *said, user = ran.out.splitlines() or [""]
    if ran.code != 0 or user.strip() != "0":
        raise Failed(f"it {ran.ending}: {ran.last_words}", expected="a shell of root")
    return said[0] if said else "reached"
