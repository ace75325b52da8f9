"""Two rows of counts for each block, even threads and odd threads; a helper function on the device."""


@cuda.jit(device=True)
def total(rows, level):
    return rows[0, level] + rows[1, level]


@cuda.jit
def count_in_shared_memory(data, hist):
    rows = cuda.shared.array((2, MOST_BINS), np.int32)
    me = cuda.threadIdx.x
    for level in range(me, MOST_BINS, cuda.blockDim.x):
        rows[0, level] = 0
        rows[1, level] = 0
    cuda.syncthreads()
    for i in range(cuda.grid(1), data.size, cuda.gridsize(1)):
        cuda.atomic.add(rows, (me % 2, data[i]), 1)
    cuda.syncthreads()
    for level in range(me, hist.size, cuda.blockDim.x):
        cuda.atomic.add(hist, level, total(rows, level))
