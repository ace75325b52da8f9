"""libcloud's dummy driver, with labels as EC2's driver has them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from libcloud.compute.drivers.dummy import DummyNodeDriver


class LabelledDummy(DummyNodeDriver):  # type: ignore[misc]  # libcloud has no types
    """It comes with two hosts that somebody else rented."""

    def create_node(self, name: str, size: Any, image: Any, ex_metadata: dict[str, str] | None = None) -> Any:
        node = super().create_node(name, size, image)
        node.id = uuid4().hex  # the dummy's own is given again after a host has gone
        node.name, node.extra = name, {"tags": dict(ex_metadata or {})}
        return node

    def list_nodes(self) -> list[Any]:
        return list(super().list_nodes())

    def ex_create_tags(self, resource: Any, tags: dict[str, str]) -> bool:
        resource.extra["tags"].update(tags)
        return True
