"""Shared memory for show: every element is still counted in `hist`.

Rejected by: private
"""


@cuda.jit
def count_in_shared_memory(data, hist):
    mine = cuda.shared.array(MOST_BINS, np.int32)
    for level in range(cuda.threadIdx.x, hist.size, cuda.blockDim.x):
        mine[level] = 0
    cuda.syncthreads()
    for i in range(cuda.grid(1), data.size, cuda.gridsize(1)):
        cuda.atomic.add(hist, data[i], 1)
    cuda.syncthreads()
