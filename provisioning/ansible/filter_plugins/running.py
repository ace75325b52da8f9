"""Whether what runs is what should run. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def runs_as_wanted(running: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether each service of `wanted`, lines "service hash", is in `running`, lines "service hash image", just so.

    An image's name stands there only as long as the name still means the image that the container was made from.
    """
    found = {tuple(line.split()) for line in running}
    services = {service: (digest, image) for service, digest, image in (line for line in found if len(line) == 3)}
    return all(
        service in services and services[service][0] == digest and "/" in services[service][1]
        for service, digest in (line.split() for line in wanted)
    )


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Their names in playbooks."""
        return {"runs_as_wanted": runs_as_wanted}
