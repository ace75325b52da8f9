"""Never takes more threads than there are cores, whatever it is asked for.

Rejected by: together
"""


def render(view, workers, compute_row=mandelbrot_row):
    with ThreadPoolExecutor(min(workers, cores())) as pool:
        rows = list(pool.map(lambda y: compute_row(view, y), range(view.height)))
    return np.array(rows, dtype=np.uint16)
