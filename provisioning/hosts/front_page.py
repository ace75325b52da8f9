"""One page for a workshop on several hosts: an attendee types the name on the card and is at the right login.

The page is whole in itself, and holds no name and no code: a seat's name is looked up by its hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from provisioning.hosts.pages import page
from provisioning.hosts.seats import Seat

DIGITS = 16  # of the hash: names are few, and nobody is harmed if two clash


def lookup(workshop: str, name: str) -> str:
    """Under what a seat's name stands in the page; its script computes the same."""
    return hashlib.sha256(f"{workshop}:{name}".encode()).hexdigest()[:DIGITS]


def html_of(workshop: str, seats: Iterable[Seat], urls: Mapping[str, str]) -> str:
    """The page. `urls` says where the hub of each host is."""
    hosts = list(urls)
    seated = {lookup(workshop, seat.name): hosts.index(seat.host) for seat in seats}
    known = {"workshop": workshop, "hosts": list(urls.values()), "seats": dict(sorted(seated.items()))}
    return page("front_page.html", known=known, urls=urls, digits=DIGITS)
