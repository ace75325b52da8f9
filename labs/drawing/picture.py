"""Drawings as SVG text: who ran when, and how fast against what the machine can give. Pure functions, no library.

Colours are CSS variables with a fallback: inside a verdict they follow JupyterLab's theme, alone they are as on paper.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Literal

Bar = tuple[int, str, float, float]  # lane, name, start, end in seconds
Tone = Literal["good", "bad", "unsure"]

WIDTH = 720
_INK = "var(--ws-ink,#1f2328)"
_SOFT = "var(--ws-soft,#59636e)"
_LINE = "var(--ws-line,#d1d9e0)"
_TONES: dict[Tone, str] = {
    "good": "var(--ws-good,#1a7f37)",
    "bad": "var(--ws-bad,#cf222e)",
    "unsure": "var(--ws-unsure,#9a6700)",
}
_LANE, _LEFT, _RIGHT = 26, 78, 12
_COLOURS = ("#0969da", "#bf3989", "#1a7f37", "#bc4c00", "#8250df", "#1b7c83", "#9a6700", "#cf222e")
_MOST_LANES = 16
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """`text` as XML and HTML may hold it: escaped, and what no document may contain replaced."""
    return escape(_NOT_XML.sub("\ufffd", text))


def timeline(bars: Sequence[Bar], title: str = "") -> str:
    """One lane a thread, one bar a stretch of work. Bars in one column are work at the same time."""
    if not bars:
        return _svg(30, _text(8, 20, "nothing ran"), "nothing ran")
    start, end = min(bar[2] for bar in bars), max(bar[3] for bar in bars)
    threads = max(bar[0] for bar in bars) + 1
    lanes = min(threads, _MOST_LANES)
    scale = (WIDTH - _LEFT - _RIGHT) / max(end - start, 1e-9)
    top = 28
    shown = f" ({lanes} of them drawn)" if threads > lanes else ""
    figures = f"{threads} thread{'s' * (threads > 1)}{shown}, {_duration(end - start)}"
    parts = [_text(8, 18, title or figures, weight="600")]
    if title:
        parts.append(_text(WIDTH - _RIGHT, 18, figures, size=12, colour=_SOFT, anchor="end"))
    for lane in range(lanes):
        y = top + lane * _LANE
        parts.append(_text(8, y + 16, f"thread {lane + 1}", size=12))
        parts.append(_line(_LEFT, WIDTH - _RIGHT, y + 22))
    for lane, name, began, ended in bars:
        if lane < lanes:
            parts.append(_bar(lane, name, (_LEFT + (began - start) * scale), (ended - began) * scale, top))
    return _svg(top + lanes * _LANE + 8, "".join(parts), title or figures)


def _bar(lane: int, name: str, x: float, width: float, top: float) -> str:
    y, colour, wide = top + lane * _LANE + 3, _COLOURS[lane % len(_COLOURS)], max(width, 1.5)
    x = min(x, WIDTH - _RIGHT - wide)
    gap = ' stroke="var(--ws-card,#fff)" stroke-width=".5"' if wide > 3 else ""
    box = (
        f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="17" rx="{min(2, wide / 3):.1f}" fill="{colour}"{gap}>'
        f"<title>{clean(name)}</title></rect>"
    )
    label = _text(x + 4, y + 12.5, name, size=11, colour="#fff") if wide > 7 * len(name) + 8 else ""
    return box + label


def speed(gain: float, ceiling: float, required: float, tone: Tone) -> str:
    """The gain as a bar against the ceiling that was measured beside it, and the mark that it has to reach.

    required: the share of the ceiling that is asked for. tone: what the verdict on the gain was.
    """
    left, right, pitch = 118, WIDTH - 76, 25
    needed = ceiling * required
    scale = (right - left) / max(gain, ceiling, needed, 1.0)
    rows = (
        ("one thread", 1.0, "var(--ws-idle,#afb8c1)"),
        ("your threads", gain, _TONES[tone]),
        ("this machine", ceiling, "var(--ws-idle,#afb8c1)"),
    )
    parts = []
    for number, (label, value, fill) in enumerate(rows):
        y = 8 + number * pitch
        weight = "600" if label == "your threads" else "400"
        parts.append(_text(8, y + 13, label, size=12, weight=weight))
        parts.append(f'<rect x="{left}" y="{y}" width="{value * scale:.1f}" height="17" rx="2" fill="{fill}"/>')
        parts.append(_text(WIDTH - _RIGHT, y + 13, f"{value:.2f}x", size=12, weight=weight, anchor="end"))
    mark, bottom = left + needed * scale, 8 + len(rows) * pitch
    parts.append(
        f'<line x1="{mark:.1f}" x2="{mark:.1f}" y1="2" y2="{bottom}" stroke="{_INK}" stroke-width="1.5" '
        'stroke-dasharray="3 3"/>'
    )
    label = f"needed: {needed:.2f}x"
    parts.append(_text(max(mark, left), bottom + 13, label, size=11, anchor="middle"))
    return _svg(bottom + 20, "".join(parts), f"{gain:.2f}x, {label}, this machine {ceiling:.2f}x")


def _duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def _line(x1: float, x2: float, y: float) -> str:
    return f'<line x1="{x1}" x2="{x2}" y1="{y}" y2="{y}" stroke="{_LINE}"/>'


def _text(
    x: float, y: float, text: str, *, size: int = 13, weight: str = "400", colour: str = _INK, anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{colour}" '
        f'text-anchor="{anchor}">{clean(text)}</text>'
    )


def _svg(height: float, body: str, says: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" role="img" '
        f'aria-label="{clean(says)}" font-family="system-ui, sans-serif" '
        f'style="max-width:100%;height:auto;background:var(--ws-card,#fff)">{body}</svg>'
    )
