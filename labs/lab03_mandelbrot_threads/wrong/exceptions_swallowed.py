"""Submits, and never asks for a result: a row's exception is lost and the row stays black.

Rejected by: error_surfaces
"""


def render(view, workers, compute_row=mandelbrot_row):
    picture = np.zeros((view.height, view.width), dtype=np.uint16)

    def fill(y):
        picture[y] = compute_row(view, y)

    with ThreadPoolExecutor(workers) as pool:
        for y in range(view.height):
            pool.submit(fill, y)
    return picture
