"""Drawings as SVG text: who ran when, and how fast against what the machine can give. Pure functions, no library."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

Bar = tuple[int, str, float, float]  # lane, name, start, end in seconds

WIDTH = 720
_INK = "#24292f"
_FAINT = "#d0d7de"
_LANE = 26
_LEFT = 78
_COLOURS = ("#0969da", "#bf3989", "#1a7f37", "#bc4c00", "#8250df", "#1b7c83", "#9a6700", "#cf222e")
GOOD, BAD, UNSURE = "#1a7f37", "#cf222e", "#9a6700"
_MOST_LANES = 16


def timeline(bars: Sequence[Bar], title: str = "") -> str:
    """One lane a thread, one bar a stretch of work. Bars in one column are work at the same time."""
    if not bars:
        return _svg(30, _text(8, 20, "nothing ran"))
    start, end = min(bar[2] for bar in bars), max(bar[3] for bar in bars)
    lanes = min(max(bar[0] for bar in bars) + 1, _MOST_LANES)
    scale = (WIDTH - _LEFT - 12) / max(end - start, 1e-9)
    top = 28
    parts = [_text(8, 18, title or f"{lanes} thread{'s' * (lanes > 1)}, {_duration(end - start)}", weight="600")]
    for lane in range(lanes):
        y = top + lane * _LANE
        parts.append(_text(8, y + 16, f"thread {lane + 1}", size=12))
        parts.append(f'<line x1="{_LEFT}" x2="{WIDTH - 12}" y1="{y + 22}" y2="{y + 22}" stroke="{_FAINT}"/>')
    for lane, name, began, ended in bars:
        if lane < lanes:
            parts.append(_bar(lane, name, (_LEFT + (began - start) * scale), (ended - began) * scale, top))
    return _svg(top + lanes * _LANE + 8, "".join(parts))


def _bar(lane: int, name: str, x: float, width: float, top: float) -> str:
    y, colour, wide = top + lane * _LANE + 3, _COLOURS[lane % len(_COLOURS)], max(width, 1.5)
    tip = f"<title>{escape(name)}</title>"
    box = (
        f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="17" rx="2" fill="{colour}" fill-opacity=".8" '
        f'stroke="#fff" stroke-width=".5">{tip}</rect>'
    )
    label = _text(x + 4, y + 12.5, name, size=11, colour="#fff") if wide > 7 * len(name) + 8 else ""
    return box + label


def speed(gain: float, ceiling: float, required: float) -> str:
    """The gain as a bar against the ceiling that was measured beside it, and the mark that it has to reach."""
    longest = max(gain, ceiling, 1.0) * 1.05
    scale = (WIDTH - 180) / longest
    mark = 120 + ceiling * required * scale
    colour = GOOD if gain >= ceiling * required else BAD
    rows = (
        ("one thread", 1.0, _FAINT, ""),
        ("your threads", gain, colour, f"{gain:.2f}x"),
        ("this machine", ceiling, "#8c959f", f"{ceiling:.2f}x"),
    )
    parts = []
    for number, (label, value, fill, figure) in enumerate(rows):
        y = 8 + number * 24
        parts.append(_text(8, y + 13, label, size=12))
        parts.append(f'<rect x="120" y="{y}" width="{value * scale:.1f}" height="17" rx="2" fill="{fill}"/>')
        parts.append(_text(126 + value * scale, y + 13, figure, size=12, weight="600"))
    parts.append(f'<line x1="{mark:.1f}" x2="{mark:.1f}" y1="4" y2="80" stroke="{_INK}" stroke-dasharray="3 3"/>')
    parts.append(_text(mark - 4, 94, f"needed: {ceiling * required:.2f}x", size=11, anchor="middle"))
    return _svg(102, "".join(parts))


def _duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _text(
    x: float, y: float, text: str, *, size: int = 13, weight: str = "400", colour: str = _INK, anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


def _svg(height: float, body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" role="img" '
        f'font-family="system-ui, sans-serif" style="max-width:100%;background:#fff">{body}</svg>'
    )
