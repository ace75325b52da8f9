"""Rows of bars over one axis, as SVG text and as a line of text: what histograms are compared in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from labs.drawing.picture import WIDTH

_LEFT, _RIGHT, _ROW, _GAP = 190, 12, 64, 14
_BLOCKS = " ▁▂▃▄▅▆▇█"


def svg(series: Mapping[str, Sequence[float]]) -> str:
    """One row for each series, all of one scale, so that what is missing in one is seen."""
    most = max((max(values, default=0) for values in series.values()), default=0) or 1
    parts = []
    for number, (name, values) in enumerate(series.items()):
        bottom = (number + 1) * (_ROW + _GAP)
        step = (WIDTH - _LEFT - _RIGHT) / max(len(values), 1)
        parts.append(_text(bottom - _ROW / 2, name, f"sum {sum(values):g}"))
        parts.append(f'<path d="M{_LEFT} {bottom}H{WIDTH - _RIGHT}" stroke="#d0d7de"/>')
        for place, value in enumerate(values):
            high = max(0.0, value / most * _ROW)
            parts.append(
                f'<rect x="{_LEFT + place * step:.1f}" y="{bottom - high:.1f}" width="{max(step - 1, 0.5):.1f}" '
                f'height="{high:.1f}" fill="#0969da"><title>{place}: {value:g}</title></rect>'
            )
    height = len(series) * (_ROW + _GAP) + 8
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13"><rect width="{WIDTH}" height="{height}" fill="#fff"/>'
        f"{''.join(parts)}</svg>"
    )


def text(series: Mapping[str, Sequence[float]]) -> str:
    """The same for a terminal: a line for each series."""
    most = max((max(values, default=0) for values in series.values()), default=0) or 1
    width = max(map(len, series), default=0)
    return "\n".join(
        f"{name:<{width}} |{''.join(_block(value / most) for value in values)}|" for name, values in series.items()
    )


def _block(part: float) -> str:
    """A character as high as `part` of the whole; anything above zero can be seen."""
    if part <= 0:
        return _BLOCKS[0]
    return _BLOCKS[max(1, min(8, round(part * 8)))]


def _text(y: float, name: str, figure: str) -> str:
    return (
        f'<text x="8" y="{y:.0f}" fill="#24292f">{escape(name)}</text>'
        f'<text x="8" y="{y + 17:.0f}" font-size="12" fill="#57606a">{escape(figure)}</text>'
    )
