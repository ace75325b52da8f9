"""Hosts rented through apache-libcloud, which only this module knows: EC2, and drivers that label as EC2's does."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from libcloud.common.exceptions import BaseHTTPError
from libcloud.common.types import LibcloudError
from libcloud.compute.base import NodeImage, NodeSize
from libcloud.compute.providers import get_driver
from libcloud.compute.types import NodeState

from foundation.problem import ExitCode, Problem
from provisioning.hosts.cloud_file import Cloud
from provisioning.hosts.prices import Price
from provisioning.hosts.providers import EXPIRES, WORKSHOP, Refused, Rented

LISTED_IN = "USD"  # libcloud's prices, as far as it has any
START_LIMIT_S = 600
ASK_EVERY_S = 3


class LibcloudProvider:
    """A `Provider` of what `cloud` describes, by libcloud's `driver`."""

    def __init__(self, driver: Any, cloud: Cloud) -> None:
        self._driver = driver
        self._cloud = cloud

    def create(self, name: str, workshop: str, expires: datetime) -> Rented:
        """Rent one host; its labels are part of the request that makes it."""
        with _refusals():
            node = self._driver.create_node(
                name=name,
                size=NodeSize(self._cloud.size, self._cloud.size, 0, 0, 0, None, self._driver),
                image=NodeImage(self._cloud.image, self._cloud.image, self._driver),
                ex_metadata={WORKSHOP: workshop, EXPIRES: expires.isoformat()},
                **self._cloud.create,
            )
        return _rented(node)

    def list(self) -> Sequence[Rented]:
        """All hosts that carry a label `workshop` and are paid for, also those that are about to go."""
        with _refusals():
            nodes = self._driver.list_nodes()
        return [_rented(node) for node in nodes if WORKSHOP in _labels(node) and node.state != NodeState.TERMINATED]

    def wait(self, hosts: Sequence[Rented]) -> Sequence[Rented]:
        """The same hosts when each runs and has an address."""
        with _refusals():
            nodes = [self._node(host) for host in hosts]
            ready = self._driver.wait_until_running(nodes, wait_period=ASK_EVERY_S, timeout=START_LIMIT_S)
        return [_rented(node) for node, _ in ready]

    def extend(self, host: Rented, expires: datetime) -> None:
        """Change its label `expires`."""
        with _refusals():
            self._driver.ex_create_tags(self._node(host), {EXPIRES: expires.isoformat()})

    def destroy(self, host: Rented) -> None:
        """Give it back."""
        with _refusals():
            if not self._driver.destroy_node(self._node(host)):
                raise Refused(f"the provider did not end {host.name}, and does not say why")

    def price(self, size: str) -> Price | None:
        """What libcloud's list says, which is as old as its release; it has 0 for what it does not know."""
        with _refusals():
            found = next((each.price for each in self._driver.list_sizes() if str(each.id) == size), None)
        return Price(Decimal(str(found)), LISTED_IN) if found else None

    def _node(self, host: Rented) -> Any:
        nodes = (node for node in self._driver.list_nodes() if node.state != NodeState.TERMINATED)
        found = next((node for node in nodes if str(node.id) == host.id), None)
        if found is None:
            raise Refused(f"{host.name} ({host.id}) is not there any more")
        return found


def connect(cloud: Cloud) -> LibcloudProvider:
    """The provider that the cloud file names. Raises Problem if libcloud has none, or none that labels."""
    try:
        kind = get_driver(cloud.driver)
        driver = kind(**cloud.secrets(), **cloud.options)
    except (AttributeError, TypeError, ValueError) as error:
        raise Problem(
            f"libcloud has no driver for what {cloud.path} says: {error}",
            expected="driver: one of libcloud's names, options: what its constructor takes",
            do=f"correct driver and options in {cloud.path}",
            exit_code=ExitCode.USAGE,
        ) from None  # the chain would show the constructor's arguments
    require_labels(driver, cloud)
    return LibcloudProvider(driver, cloud)


def require_labels(driver: Any, cloud: Cloud) -> None:
    """Raise Problem if `driver` cannot label a host while it makes it: it could be paid for and not be found."""
    makes_labelled = "ex_metadata" in inspect.signature(driver.create_node).parameters
    if not makes_labelled or not hasattr(driver, "ex_create_tags"):
        raise Problem(
            f"hosts by libcloud's driver {cloud.driver} cannot be labelled from the start",
            expected="a driver with labels as EC2 has them",
            do="rent hosts by hand and write them into hosts.yml",
            exit_code=ExitCode.USAGE,
        )


@contextmanager
def _refusals() -> Iterator[None]:
    """What libcloud raises, as Refused."""
    try:
        yield
    except (LibcloudError, BaseHTTPError, OSError) as error:
        raise Refused(f"{type(error).__name__}: {error}") from None  # the chain may show a signed request


def _labels(node: Any) -> dict[str, str]:
    found: dict[str, str] = node.extra.get("tags") or {}
    return found


def _rented(node: Any) -> Rented:
    labels = _labels(node)
    return Rented(
        id=str(node.id),
        name=str(node.name),
        workshop=labels.get(WORKSHOP, ""),
        expires=labels.get(EXPIRES, ""),
        address=str(next(iter(node.public_ips), "")),
        size=str(node.extra.get("instance_type") or ""),
    )
