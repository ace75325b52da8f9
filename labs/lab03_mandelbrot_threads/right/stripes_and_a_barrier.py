"""Every worker has rows n, n + workers, ...; all begin at once, and the first error is kept."""

from threading import Barrier, Lock, Thread


def render(view, workers, compute_row=mandelbrot_row):
    picture = np.zeros((view.height, view.width), dtype=np.uint16)
    start, lock, errors = Barrier(workers), Lock(), []

    def stripe(first):
        start.wait()
        try:
            for y in range(first, view.height, workers):
                picture[y] = compute_row(view, y)
        except BaseException as error:
            with lock:
                errors.append(error)

    threads = [Thread(target=stripe, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return picture
