"""Run one kernel on the GPU and compare: `python -I gpu_kernel.py numba|cupy SIZE`, one line of JSON.

The input is random and SIZE is to be odd, so that neither a kernel that never ran nor one that ran on whole blocks only
can give the right answer.
"""

import json
import random
import sys
from typing import Any

import numpy

LIBRARY, SIZE = sys.argv[1], int(sys.argv[2])
if LIBRARY == "numba":
    from numba import cuda  # a global of this module: Numba's simulator looks for it there

THREADS_PER_BLOCK = 128
SOURCE = """
extern "C" __global__ void scale_and_add(double a, const double* x, double* y, int size) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < size) y[i] = a * x[i] + y[i];
}
"""


def with_cupy(a: float, x: Any, y: Any, blocks: int) -> tuple[Any, str]:
    """What CuPy computes, and its name."""
    import cupy

    on_device = cupy.asarray(y)
    kernel = cupy.RawKernel(SOURCE, "scale_and_add")
    kernel((blocks,), (THREADS_PER_BLOCK,), (numpy.float64(a), cupy.asarray(x), on_device, numpy.int32(len(x))))
    return cupy.asnumpy(on_device), f"CuPy {cupy.__version__}"


def with_numba(a: float, x: Any, y: Any, blocks: int) -> tuple[Any, str]:
    """What Numba computes, and its name."""
    import numba

    @cuda.jit  # type: ignore[untyped-decorator]
    def scale_and_add(a: float, x: Any, y: Any) -> None:
        i = cuda.grid(1)
        if i < x.size:
            y[i] = a * x[i] + y[i]

    on_device = cuda.to_device(y)
    scale_and_add[blocks, THREADS_PER_BLOCK](a, cuda.to_device(x), on_device)
    return on_device.copy_to_host(), f"Numba {numba.__version__}"


def main(library: str, size: int) -> None:
    """Make the input, run the kernel by `library`, compare."""
    generator = numpy.random.default_rng()
    a, x, y = random.uniform(1.5, 2.5), generator.random(size), generator.random(size)
    run = {"cupy": with_cupy, "numba": with_numba}[library]
    got, by = run(a, x, y, blocks=-(-size // THREADS_PER_BLOCK))
    wrong = int((~numpy.isclose(got, a * x + y, rtol=1e-12)).sum())
    print(json.dumps({"size": size, "wrong": wrong, "by": by}))


main(LIBRARY, SIZE)
