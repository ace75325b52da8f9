"""One thread an element, and no look at the size: the grid is larger than the data.

Rejected by: bounds
"""


@cuda.jit
def count_with_atomics(data, hist):
    i = cuda.grid(1)
    cuda.atomic.add(hist, data[i], 1)
