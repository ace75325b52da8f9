"""Names in certificates."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any


def subject_name(name: str) -> str:
    """`name` as an alternative name of a certificate's subject: DNS:example.org, IP:192.0.2.1."""
    try:
        return f"IP:{ip_address(name)}"
    except ValueError:
        return f"DNS:{name}"


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Their names in playbooks."""
        return {"subject_name": subject_name}
