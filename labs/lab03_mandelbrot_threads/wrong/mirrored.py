"""Trusts that the picture is symmetric and computes one half of it.

Rejected by: pixels
"""


def render(view, workers, compute_row=mandelbrot_row):
    picture = np.zeros((view.height, view.width), dtype=np.uint16)

    def fill(y):
        picture[y] = picture[view.height - 1 - y] = compute_row(view, y)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(fill, range((view.height + 1) // 2)))
    return picture
