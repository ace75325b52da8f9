"""No pool: threads that take the next row from a shared iterator of their own making."""

import queue
import threading


def render(view, workers, compute_row=mandelbrot_row):
    picture = np.zeros((view.height, view.width), dtype=np.uint16)
    rows, errors = queue.SimpleQueue(), []
    for y in range(view.height):
        rows.put(y)

    def work():
        while True:
            try:
                y = rows.get_nowait()
            except queue.Empty:
                return
            try:
                picture[y] = compute_row(view, y)
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return picture
