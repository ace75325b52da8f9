"""A provider rents hosts out, here as a small protocol. What is rented carries two labels: `workshop` and `expires`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from provisioning.hosts.prices import Price

WORKSHOP, EXPIRES = "workshop", "expires"  # the labels' names


@dataclass(frozen=True, slots=True)
class Rented:
    """A host that is paid for, by whatever workshop. `address` is "" while it has none, `expires` as it is labelled."""

    id: str
    name: str
    workshop: str
    expires: str
    address: str = ""
    size: str = ""


class Refused(Exception):  # noqa: N818 - an outcome
    """The provider did not do it; the text is its own."""


class Provider(Protocol):
    """One account, in one place. All methods raise Refused if the provider says no or nothing."""

    def create(self, name: str, workshop: str, expires: datetime) -> Rented:
        """Rent one host. Guarantees: it has its labels from the first moment."""

    def list(self) -> Sequence[Rented]:
        """All hosts that carry a label `workshop` and are paid for, also those that are about to go."""

    def wait(self, hosts: Sequence[Rented]) -> Sequence[Rented]:
        """The same hosts when each runs and has an address."""

    def extend(self, host: Rented, expires: datetime) -> None:
        """Change its label `expires`."""

    def destroy(self, host: Rented) -> None:
        """Give it back. One that is gone already is no error."""

    def price(self, size: str) -> Price | None:
        """What a host of `size` costs an hour by the provider's own list, where there is one."""
