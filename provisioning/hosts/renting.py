"""Hosts rented, extended and given back, at any provider. Labels are the only memory: no state is kept here."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from provisioning.hosts.providers import Provider, Refused, Rented

GONE_LIMIT_S = 600.0
ASK_EVERY_S = 5.0

Say = Callable[[str], None]


def rented(provider: Provider, workshop: str) -> list[Rented]:
    """The hosts of `workshop`, by name."""
    return sorted((host for host in provider.list() if host.workshop == workshop), key=lambda host: host.name)


def rent(provider: Provider, workshop: str, count: int, expires: datetime, say: Say) -> list[Rented]:
    """`count` hosts of `workshop` that run: those that are there, and new ones for the others.

    Interrupted or refused in the middle it leaves what exists; called again it goes on from there.
    """
    have = {host.name for host in rented(provider, workshop)}
    wanted = [f"{workshop}-{number}" for number in range(1, count + 1)]
    for name in wanted:
        if name in have:
            say(f"{name} is there already")
        else:
            made = provider.create(name, workshop, expires)
            say(f"{name} is rented ({made.id})")
    say("waiting until they run")
    return sorted(provider.wait(rented(provider, workshop)), key=lambda host: host.name)


def extend(provider: Provider, workshop: str, expires: datetime) -> list[Rented]:
    """The hosts of `workshop`, after their labels have been changed."""
    for host in rented(provider, workshop):
        provider.extend(host, expires)
    return rented(provider, workshop)


def give_back(
    provider: Provider, workshop: str, say: Say, *, limit_s: float = GONE_LIMIT_S, every_s: float = ASK_EVERY_S
) -> Sequence[Rented]:
    """Destroy all hosts of `workshop`, and ask until none is left. Returns those that still are when time is up.

    One that cannot be destroyed does not stop the others, and is tried again.
    """
    deadline = time.monotonic() + limit_s
    told: set[str] = set()
    left = rented(provider, workshop)
    while left:
        for host in left:
            news = _destroyed(provider, host)
            if news not in told:
                say(news)
            told.add(news)
        left = rented(provider, workshop)
        if left and time.monotonic() > deadline:
            return left
        if left:
            time.sleep(every_s)
    return []


def _destroyed(provider: Provider, host: Rented) -> str:
    """Tell `host` to end; how that went, in words."""
    try:
        provider.destroy(host)
    except Refused as refused:
        return f"{host.name} ({host.id}) is not given back yet: {refused}"
    return f"{host.name} ({host.id}) is told to end"
