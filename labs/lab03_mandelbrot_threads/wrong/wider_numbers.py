"""Stacks the rows and lets NumPy choose the type: int64, four times the memory that the exercise asks for.

Rejected by: pixels
"""


def render(view, workers, compute_row=mandelbrot_row):
    with ThreadPoolExecutor(workers) as pool:
        rows = list(pool.map(lambda y: compute_row(view, y), range(view.height)))
    return np.array(rows)
