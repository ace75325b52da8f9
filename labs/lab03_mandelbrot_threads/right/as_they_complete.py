"""Writes each row when it is there, whichever comes first: `as_completed`, and a dict from future to row."""

from concurrent.futures import as_completed


def render(view, workers, compute_row=mandelbrot_row):
    picture = np.zeros((view.height, view.width), dtype=np.uint16)
    with ThreadPoolExecutor(workers) as pool:
        rows = {pool.submit(compute_row, view, y): y for y in range(view.height)}
        for done in as_completed(rows):
            picture[rows[done]] = done.result()
    return picture
