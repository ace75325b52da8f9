"""NumPy counts, on the CPU: no GPU can run this.

Rejected by: share
"""


@cuda.jit
def count_with_atomics(data, hist):
    if cuda.grid(1) == 0:
        counts = np.bincount([data[i] for i in range(data.size)], minlength=hist.size)
        for level in range(hist.size):
            hist[level] += counts[level]
