"""Cards to print, one a seat: name, code, address, and a QR code of the link that logs in by one click."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import segno
import typst

from provisioning.hosts.seats import Seat

SPARE = "Spare: ______________"
ONE_LINE = 22  # letters of a name that fit on one line
LONG = ' class="long"'
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
    every = list(cards)
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{escape(every[0].title if every else "")}: seats</title>
<style>{STYLE}</style>
{"".join(_card(card) for card in every)}</html>
"""


def pdf_of(cards: Iterable[Card]) -> bytes:
    """The same as a PDF, ten to a sheet of A4, with lines to cut along."""
    data = json.dumps([{**_fields(card), "qr": qr_code(card.link)} for card in cards])
    made = typst.compile(SHEET.read_bytes(), sys_inputs={"cards": data})
    assert isinstance(made, bytes)
    return made


def _fields(card: Card) -> dict[str, Any]:
    return {name: getattr(card, name) for name in ("title", "person", "seat", "code", "address")}


def _card(card: Card) -> str:
    return f"""<article>
<header>{escape(card.title)}</header>
<div><h2{LONG if len(card.person) > ONE_LINE else ""}>{escape(card.person)}</h2>
<dl><dt>name</dt><dd>{escape(card.seat)}</dd><dt>code</dt><dd>{escape(card.code)}</dd></dl></div>
<a href="{escape(card.link)}">{qr_code(card.link)}<span>scan, or click</span></a>
<footer>{escape(card.address)}</footer>
</article>
"""


STYLE = """
@page { size: A4; margin: 8mm; }
* { box-sizing: border-box; }
body { margin: 0; font: 10pt/1.35 system-ui, sans-serif; color: #16202a; background: #fff;
  display: grid; grid-template-columns: repeat(2, 97mm); justify-content: center; }
article { height: 56mm; padding: 5mm; border: .2mm dashed #b5bec8; break-inside: avoid; overflow: hidden;
  display: grid; grid-template: auto 1fr auto / 1fr 27mm; column-gap: 4mm; }
header { grid-column: 1 / 3; color: #5d6b7a; font-size: 8.5pt; letter-spacing: .03em; margin-bottom: 1.5mm; }
h2 { margin: 0 0 2mm; font-size: 14pt; line-height: 1.15; overflow-wrap: anywhere; }
h2.long { font-size: 11pt; max-height: 3.45em; overflow: hidden; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .6mm 3mm; margin: 0; align-items: baseline; }
dt { color: #5d6b7a; }
dd { margin: 0; font: 600 11.5pt ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
a { color: inherit; text-decoration: none; text-align: center; font-size: 7.5pt; }
a svg { display: block; width: 27mm; height: 27mm; } a span { color: #5d6b7a; }
footer { grid-column: 1 / 3; align-self: end; font-size: 9.5pt; overflow-wrap: anywhere; }
@media screen { body { padding: 8mm; background: #eef1f4; gap: 4mm; }
  article { background: #fff; border-radius: 2mm; } }
"""
