"""Trusts that shared memory begins with zeros.

Rejected by: shared_safe
"""


@cuda.jit
def count_in_shared_memory(data, hist):
    mine = cuda.shared.array(MOST_BINS, np.int32)
    for i in range(cuda.grid(1), data.size, cuda.gridsize(1)):
        cuda.atomic.add(mine, data[i], 1)
    cuda.syncthreads()
    for level in range(cuda.threadIdx.x, hist.size, cuda.blockDim.x):
        cuda.atomic.add(hist, level, mine[level])
