"""No race, no atomics: one thread counts, thousands look on.

Rejected by: share
"""


@cuda.jit
def count_with_atomics(data, hist):
    if cuda.grid(1) == 0:
        for i in range(data.size):
            hist[data[i]] += 1
