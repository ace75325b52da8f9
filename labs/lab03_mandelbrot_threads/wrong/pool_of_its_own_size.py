"""One pool for all pictures, made when the file is loaded: `workers` is never looked at.

Rejected by: within_limit
"""

pool = ThreadPoolExecutor(16)


def render(view, workers, compute_row=mandelbrot_row):
    picture = np.zeros((view.height, view.width), dtype=np.uint16)

    def fill(y):
        picture[y] = compute_row(view, y)

    for done in [pool.submit(fill, y) for y in range(view.height)]:
        done.result()
    return picture
