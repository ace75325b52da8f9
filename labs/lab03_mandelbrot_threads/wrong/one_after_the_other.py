"""A pool, and each row waited for before the next is given: threads for nothing.

Rejected by: together
"""


def render(view, workers, compute_row=mandelbrot_row):
    picture = np.zeros((view.height, view.width), dtype=np.uint16)
    with ThreadPoolExecutor(workers) as pool:
        for y in range(view.height):
            picture[y] = pool.submit(compute_row, view, y).result()
    return picture
