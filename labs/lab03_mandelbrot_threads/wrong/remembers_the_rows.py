"""Keeps every row that it has ever made and hands it out again: fast, because nothing is computed.

Rejected by: rows_once
"""

seen = {}


def render(view, workers, compute_row=mandelbrot_row):
    picture = np.zeros((view.height, view.width), dtype=np.uint16)

    def fill(y):
        key = (view.left, view.right, view.top, view.bottom, view.width, view.height, y)
        if key not in seen:
            seen[key] = mandelbrot_row(view, y)
        picture[y] = seen[key]

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(fill, range(view.height)))
    return picture
