"""As many turns for every thread, rounded up: in the last one some reach past the end.

Rejected by: bounds
"""


@cuda.jit
def count_with_atomics(data, hist):
    turns = (data.size + cuda.gridsize(1) - 1) // cuda.gridsize(1)
    for turn in range(turns):
        i = cuda.grid(1) + turn * cuda.gridsize(1)
        cuda.atomic.add(hist, data[i], 1)
