"""No stride: each thread takes one stretch of the data; all of the block's counts are zeroed; empty bins are not added."""

import math


@cuda.jit
def count_with_atomics(data, hist):
    each = math.ceil(data.size / cuda.gridsize(1))
    first = cuda.grid(1) * each
    for i in range(first, first + each):
        if i >= data.size:
            break
        level = data[i]
        cuda.atomic.add(hist, level, 1)


@cuda.jit
def count_in_shared_memory(data, hist):
    mine = cuda.shared.array(shape=(MOST_BINS,), dtype=np.int32)
    level = cuda.threadIdx.x
    while level < MOST_BINS:
        mine[level] = 0
        level += cuda.blockDim.x
    cuda.syncthreads()
    i = cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x
    while i < len(data):
        cuda.atomic.add(mine, data[i], 1)
        i += cuda.gridDim.x * cuda.blockDim.x
    cuda.syncthreads()
    level = cuda.threadIdx.x
    while level < len(hist):
        count = mine[level]
        if count > 0:
            cuda.atomic.add(hist, level, count)
        level += cuda.blockDim.x
