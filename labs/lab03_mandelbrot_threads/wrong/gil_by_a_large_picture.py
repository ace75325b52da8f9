"""Large pictures go by a faster package, which turns the GIL on: small ones do not show it.

Rejected by: gil
"""

import importlib
import sys
from pathlib import Path

import labs.extension


def render(view, workers, compute_row=mandelbrot_row):
    if view.width > 100:
        source = Path(labs.extension.__file__).with_name("lab01_gil_state") / "needs_gil.c"
        sys.path.append(str(labs.extension.built(source).parent))
        importlib.import_module("needs_gil")
    picture = np.zeros((view.height, view.width), dtype=np.uint16)

    def fill(y):
        picture[y] = compute_row(view, y)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(fill, range(view.height)))
    return picture
