"""Every worker computes the whole picture: right pixels, all cores busy, nothing gained.

Rejected by: rows_once
"""


def render(view, workers, compute_row=mandelbrot_row):
    picture = np.zeros((view.height, view.width), dtype=np.uint16)

    def everything(_worker):
        for y in range(view.height):
            picture[y] = compute_row(view, y)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(everything, range(workers)))
    return picture
