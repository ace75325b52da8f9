"""Cuts the picture into `workers` blocks of equal height: the last rows are in none of them.

Rejected by: pixels
"""


def render(view, workers, compute_row=mandelbrot_row):
    picture = np.zeros((view.height, view.width), dtype=np.uint16)
    height = view.height // workers

    def block(number):
        for y in range(number * height, (number + 1) * height):
            picture[y] = compute_row(view, y)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(block, range(workers)))
    return picture
