"""Keeps rows by view, number and function: the second picture of the same view is not computed.

Rejected by: rows_once
"""

from functools import lru_cache


@lru_cache(maxsize=None)
def kept(compute_row, view, y):
    return compute_row(view, y)


def render(view, workers, compute_row=mandelbrot_row):
    picture = np.zeros((view.height, view.width), dtype=np.uint16)

    def fill(y):
        picture[y] = kept(compute_row, view, y)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(fill, range(view.height)))
    return picture
