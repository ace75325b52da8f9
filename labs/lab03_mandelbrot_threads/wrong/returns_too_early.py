"""Asks for the rows that are done after a minute, and returns: the others fill the picture behind the caller's back.

Rejected by: complete
"""

from concurrent.futures import wait


def render(view, workers, compute_row=mandelbrot_row):
    picture = np.zeros((view.height, view.width), dtype=np.uint16)

    def fill(y):
        picture[y] = compute_row(view, y)

    pool = ThreadPoolExecutor(workers)
    done, _late = wait([pool.submit(fill, y) for y in range(view.height)], timeout=60)
    for each in done:
        each.result()
    pool.shutdown(wait=False)
    return picture
