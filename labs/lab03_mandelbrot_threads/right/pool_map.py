"""`map` hands out rows and brings them back in order."""


def render(view, workers, compute_row=mandelbrot_row):
    with ThreadPoolExecutor(max_workers=workers) as pool:
        rows = pool.map(lambda y: compute_row(view, y), range(view.height))
        return np.array(list(rows), dtype=np.uint16)
