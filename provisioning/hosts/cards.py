"""Cards to print, one a seat: name, code, address, and a QR code of the link that logs in by one click."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import segno
import typst

from provisioning.hosts.pages import page
from provisioning.hosts.seats import Seat

SPARE = "Spare: ______________"
ONE_LINE = 22  # letters of a name that fit on one line
SHEET = Path(__file__).with_name("cards.typ")


@dataclass(frozen=True, slots=True)
class Card:
    """What one card says. `address` is the one to type, `link` the one in the QR code."""

    title: str
    person: str
    seat: str
    code: str
    address: str
    link: str

    @classmethod
    def of(cls, seat: Seat, *, workshop: str, url: str, front: str) -> Card:
        """The card of `seat` on the host at `url`; `front` is the address to type, where it is another."""
        person = seat.person or SPARE
        return cls(workshop, person, seat.name, seat.code, front or url, one_click(url, seat))


def one_click(url: str, seat: Seat) -> str:
    """The link that fills in the login form of the hub at `url`. What follows # stays in the browser."""
    return f"{url}/hub/login#{quote(seat.name)}:{quote(seat.code)}"


def qr_code(text: str) -> str:
    """An SVG of the QR code of `text`; readable with a quarter of it lost."""
    out = BytesIO()
    segno.make_qr(text, error="q").save(out, kind="svg", xmldecl=False, border=0, unit="", omitsize=True)
    return out.getvalue().decode()


def html_of(cards: Iterable[Card]) -> str:
    """All cards as one page that a browser prints, ten to a sheet of A4."""
    return page("cards.html", cards=list(cards), qr_code=qr_code, one_line=ONE_LINE)


def pdf_of(cards: Iterable[Card]) -> bytes:
    """The same as a PDF, ten to a sheet of A4, with lines to cut along."""
    data = json.dumps([{**_fields(card), "qr": qr_code(card.link)} for card in cards])
    made = typst.compile(SHEET.read_bytes(), sys_inputs={"cards": data})
    assert isinstance(made, bytes)
    return made


def _fields(card: Card) -> dict[str, Any]:
    return {name: getattr(card, name) for name in ("title", "person", "seat", "code", "address")}
