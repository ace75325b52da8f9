"""Kernels that must be caught and kernels that must not: run as a program in the lab's Python, prints what was found.

The output is JSON: {kernel's name: {"troubles": [...], "result": [...], "error": ""}}, for two runs of each.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import cuda, float32, int32

from checks.oracles import simulator

Kernel = Callable[[Any, Any], None]
N = 37
KERNELS: dict[str, tuple[Any, tuple[int, int]]] = {}


def kernel(blocks: int, threads: int) -> Callable[[Kernel], Kernel]:
    def add(function: Kernel) -> Kernel:
        KERNELS[function.__name__] = cuda.jit(function), (blocks, threads)
        return function

    return add


@kernel(2, 16)
def plain_add(data: Any, out: Any) -> None:
    for i in range(cuda.grid(1), data.size, cuda.gridsize(1)):
        out[data[i]] += 1


@kernel(2, 16)
def atomic_add(data: Any, out: Any) -> None:
    for i in range(cuda.grid(1), data.size, cuda.gridsize(1)):
        cuda.atomic.add(out, data[i], 1)


@kernel(1, 1)
def one_thread_alone(data: Any, out: Any) -> None:
    for i in range(data.size):
        out[data[i]] += 1


@kernel(37, 1)
def plain_add_by_blocks_of_one(data: Any, out: Any) -> None:
    out[data[cuda.grid(1)]] += 1


@kernel(3, 16)
def no_guard(data: Any, out: Any) -> None:
    cuda.atomic.add(out, data[cuda.grid(1)], 1)


@kernel(3, 16)
def writes_outside(data: Any, out: Any) -> None:
    out[cuda.grid(1)] = 1


@kernel(3, 16)
def each_its_own(data: Any, out: Any) -> None:
    i = cuda.grid(1)
    if i < out.size:
        out[i] = data[i] + 1


@kernel(1, 16)
def neighbour_without_barrier(data: Any, out: Any) -> None:
    i = cuda.threadIdx.x
    out[i] = data[i]
    out[i + 16] = out[15 - i]


@kernel(1, 16)
def neighbour_after_barrier(data: Any, out: Any) -> None:
    i = cuda.threadIdx.x
    out[i] = data[i]
    cuda.syncthreads()
    out[i + 16] = out[15 - i]


@kernel(2, 8)
def barrier_orders_one_block_only(data: Any, out: Any) -> None:
    i = cuda.grid(1)
    out[i] = data[i]
    cuda.syncthreads()
    out[i + 16] = out[15 - i]


@kernel(1, 16)
def all_write_the_same(data: Any, out: Any) -> None:
    out[0] = 7


@kernel(1, 16)
def all_write_their_own(data: Any, out: Any) -> None:
    out[0] = cuda.threadIdx.x


@kernel(1, 16)
def atomic_beside_a_plain_read(data: Any, out: Any) -> None:
    cuda.atomic.add(out, 0, 1)
    out[1 + cuda.threadIdx.x] = out[0]


@kernel(2, 16)
def shared_set_then_read(data: Any, out: Any) -> None:
    mine = cuda.shared.array(16, int32)
    mine[cuda.threadIdx.x] = data[cuda.grid(1)]
    cuda.syncthreads()
    out[cuda.grid(1)] = mine[15 - cuda.threadIdx.x]


@kernel(2, 16)
def shared_never_set(data: Any, out: Any) -> None:
    mine = cuda.shared.array(16, int32)
    cuda.atomic.add(mine, 0, 1)
    cuda.syncthreads()
    cuda.atomic.add(out, 0, mine[0])


@kernel(2, 16)
def shared_set_by_the_first_block_only(data: Any, out: Any) -> None:
    mine = cuda.shared.array(16, int32)
    if cuda.blockIdx.x == 0:
        mine[cuda.threadIdx.x] = 0
    cuda.syncthreads()
    cuda.atomic.add(out, cuda.threadIdx.x, mine[cuda.threadIdx.x])


@kernel(1, 16)
def shared_index_outside(data: Any, out: Any) -> None:
    mine = cuda.shared.array(8, int32)
    mine[cuda.threadIdx.x] = 0


@kernel(1, 16)
def two_arrays_of_one_line(data: Any, out: Any) -> None:
    a, b = cuda.shared.array(16, int32), cuda.shared.array(16, float32)
    a[cuda.threadIdx.x] = cuda.threadIdx.x
    b[cuda.threadIdx.x] = 0.5
    out[cuda.threadIdx.x] = a[cuda.threadIdx.x] + 2 * b[cuda.threadIdx.x]


@kernel(1, 16)
def some_never_reach_the_barrier(data: Any, out: Any) -> None:
    if cuda.threadIdx.x > 9:
        return
    cuda.syncthreads()


@kernel(1, 16)
def two_barriers_at_once(data: Any, out: Any) -> None:
    if cuda.threadIdx.x > 9:
        cuda.syncthreads()
    else:
        cuda.syncthreads()


@kernel(1, 16)
def barrier_in_a_loop(data: Any, out: Any) -> None:
    i, step = cuda.threadIdx.x, 8
    out[i] = data[i]
    while step:
        cuda.syncthreads()
        if i < step:
            out[i] += out[i + step]
        step //= 2


@kernel(1, 16)
def views_are_the_same_memory(data: Any, out: Any) -> None:
    part = out[4:8]
    part[0] = cuda.threadIdx.x


@kernel(1, 16)
def spin_lock(data: Any, out: Any) -> None:
    done = False
    while not done:
        if cuda.atomic.cas(out, 0, 0, 1) == 0:
            cuda.atomic.add(out, 1, 1)
            cuda.atomic.exch(out, 0, 0)
            done = True


@kernel(1, 16)
def votes(data: Any, out: Any) -> None:
    many = cuda.syncthreads_count(cuda.threadIdx.x % 4 == 0)
    if cuda.threadIdx.x == 0:
        out[0] = many


@kernel(1, 16)
def raises(data: Any, out: Any) -> None:
    if cuda.threadIdx.x == 5:
        raise ZeroDivisionError("thread 5")
    cuda.syncthreads()


def run(name: str) -> dict[str, Any]:
    """What was found in one launch, what it left in `out`, and what it raised."""
    launched, grid = KERNELS[name]
    data, out, error = (np.arange(N) * 7 % 5).astype(np.int32), np.zeros(N, np.int32), ""
    with simulator.watch() as launches:
        try:
            launched[grid](data, out)
        except (ArithmeticError, LookupError) as raised:
            error = type(raised).__name__
    (launch,) = launches
    return {
        "troubles": sorted({str(each.trouble) for each in launch.findings}),
        "texts": [str(each) for each in launch.findings],
        "result": out.tolist(),
        "error": error,
    }


if __name__ == "__main__":
    print(json.dumps({name: [run(name), run(name)] for name in KERNELS}))
