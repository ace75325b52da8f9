"""Guarded, but each thread takes one element only: a small grid leaves the rest out.

Rejected by: atomics_exact
"""


@cuda.jit
def count_with_atomics(data, hist):
    i = cuda.grid(1)
    if i < data.size:
        cuda.atomic.add(hist, data[i], 1)
