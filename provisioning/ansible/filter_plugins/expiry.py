"""The moment at which a workshop ends. Pure functions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any


def expiry_moment(text: str) -> str:
    """ISO 8601 `text` with a zone as systemd writes a moment, in UTC; "" where it is no such text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if moment.tzinfo else ""


def expiry_is_ahead(moment: str, now: datetime | None = None) -> bool:
    """Whether `moment`, in the form of `expiry_moment`, is not over."""
    ends = datetime.strptime(moment, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    return ends > (now or datetime.now(UTC))


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Their names in playbooks."""
        return {"expiry_moment": expiry_moment, "expiry_is_ahead": expiry_is_ahead}
