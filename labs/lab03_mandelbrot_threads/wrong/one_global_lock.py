"""Threads, and one lock round all that they do: the GIL, made again by hand.

Rejected by: together
"""

from threading import Lock

one_at_a_time = Lock()


def render(view, workers, compute_row=mandelbrot_row):
    picture = np.zeros((view.height, view.width), dtype=np.uint16)

    def fill(y):
        with one_at_a_time:
            picture[y] = compute_row(view, y)

    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(fill, y) for y in range(view.height)]:
            done.result()
    return picture
