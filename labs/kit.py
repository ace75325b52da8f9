"""What exercises may import: who is running where, drawn; the GIL's state in words; pictures of arrays."""

from __future__ import annotations

import base64
import functools
import io
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from checks import gil
from checks.oracles import parallelism
from foundation.cores import usable
from labs.drawing import bar_chart, picture

_P = ParamSpec("_P")
_R = TypeVar("_R")


def cores() -> int:
    """How many cores this session may use: what `max_workers` of a pool for computing should be."""
    return usable()


def gil_state() -> str:
    """One line: which Python this is, and whether its GIL is on now."""
    build = "free-threaded" if gil.is_free_threaded_build() else "ordinary"
    return f"Python {sys.version.split()[0]}, {build} build, GIL {'on' if gil.is_enabled() else 'off'}"


class Timeline:
    """Notes which thread worked on what, from when to when, and draws it: one lane a thread.

    Guarantees: may be used from any number of threads.
    """

    def __init__(self) -> None:
        self._trace = parallelism.Trace()

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """The block is one bar, `name` on it."""
        start_s = self._trace.now_s()
        try:
            yield
        finally:
            self._trace.add(name, start_s)

    def watch(self, function: Callable[_P, _R]) -> Callable[_P, _R]:
        """`function`, each call of it one bar, its last argument on it."""

        @functools.wraps(function)
        def watched(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            with self.span(str(args[-1]) if args else function.__name__):
                return function(*args, **kwargs)

        return watched

    def show(self, title: str = "") -> None:
        """Draw it below the cell; a terminal gets one line a thread."""
        bars = [tuple(row) for row in self._trace.details()["timeline"]]
        display_svg(picture.timeline(bars, title), text_timeline(bars))


def text_timeline(bars: list[Any], width: int = 72) -> str:
    """The timeline for a terminal: `#` where the thread worked."""
    if not bars:
        return "nothing ran"
    start, end = min(bar[2] for bar in bars), max(bar[3] for bar in bars)
    scale = (width - 1) / max(end - start, 1e-9)
    lanes: dict[int, list[str]] = {}
    for lane, _name, began, ended in bars:
        row = lanes.setdefault(lane, [" "] * width)
        for column in range(int((began - start) * scale), int((ended - start) * scale) + 1):
            row[column] = "#"
    return "\n".join(f"thread {lane + 1:>2} |{''.join(row)}|" for lane, row in sorted(lanes.items()))


def display_svg(svg: str, text: str) -> None:
    """Show `svg` in a notebook, `text` elsewhere."""
    _display({"image/svg+xml": svg}, text)


def show_bars(series: Mapping[str, Any]) -> None:
    """Draw each array of counts as a row of bars, all of one scale; a terminal gets one line each."""
    plain = {name: [float(value) for value in values] for name, values in series.items()}
    display_svg(bar_chart.svg(plain), bar_chart.text(plain))


def show_image(values: Any, width: int = 480) -> None:
    """Show a two-dimensional array as a picture, dark to bright, `width` pixels wide."""
    import numpy as np
    from PIL import Image

    array = np.asarray(values, dtype=float)
    low, high = float(array.min()), float(array.max())
    part = (array - low) / (high - low or 1.0)
    shades = np.stack([255 * part**0.45, 255 * part**1.1, 90 + 120 * part * (1 - part)], axis=-1).astype(np.uint8)
    image = Image.fromarray(shades)
    image = image.resize((width, max(1, width * image.height // image.width)), Image.Resampling.NEAREST)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    _display({"image/png": base64.b64encode(buffer.getvalue()).decode()}, f"a picture of {array.shape} values")


def _display(drawn: dict[str, str], text: str) -> None:
    """Show `drawn`, by its MIME type, in a notebook, and `text` elsewhere."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        print(text)
        return
    if get_ipython() is None:
        print(text)
    else:
        display({**drawn, "text/plain": text}, raw=True)
