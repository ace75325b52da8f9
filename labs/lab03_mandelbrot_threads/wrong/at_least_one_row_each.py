"""Cuts the picture by np.array_split, and takes the first row of each block for granted: with more workers than rows
some blocks are empty.

Rejected by: pixels
"""


def render(view, workers, compute_row=mandelbrot_row):
    picture = np.zeros((view.height, view.width), dtype=np.uint16)

    def block(rows):
        picture[rows[0]] = compute_row(view, int(rows[0]))
        for y in rows[1:]:
            picture[y] = compute_row(view, int(y))

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(block, np.array_split(np.arange(view.height), workers)))
    return picture
