"""Which images a host lacks. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any


def missing_images(wanted: Mapping[str, str], asked: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Of the images `wanted`, name and id, those that a host lacks or has another of; each with a name for its archive.

    `asked` are the results of `docker image inspect` on that host, one for each name.
    """
    there = {str(result["item"]): result.get("stdout", "").strip() for result in asked if result.get("rc") == 0}
    return [
        {"name": name, "id": identity, "file": f"image-{identity.removeprefix('sha256:')[:16]}.tar"}
        for name, identity in wanted.items()
        if there.get(name) != identity
    ]


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Their names in playbooks."""
        return {"missing_images": missing_images}
