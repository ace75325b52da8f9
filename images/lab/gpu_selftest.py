"""`python -m images.lab.gpu_selftest`, on the lab's Python: what can be proved of the gpu image without a GPU.

The GIL stays off with all of the stack imported, CuPy finds CUDA's libraries, NVRTC compiles for the GPUs of today,
and Numba makes PTX. Ends with an AssertionError, or a library's own error, where one of these is not so.
"""

import sys

KERNEL = 'extern "C" __global__ void twice(float *x) { x[blockIdx.x * blockDim.x + threadIdx.x] *= 2; }'
COMPILED_FOR = (80, 90)


def all_imports_leave_the_gil_off() -> None:
    """Import the stack."""
    import cupy
    import cupyx.scipy
    import numba.cuda
    import numpy
    import nvtx
    import scipy
    import torch

    assert not sys._is_gil_enabled(), "an import turned the GIL on"  # type: ignore[attr-defined]
    modules = (numpy, scipy, torch, cupy, numba, nvtx, cupyx)
    print("GIL off after", ", ".join(f"{each.__name__} {getattr(each, '__version__', '')}".strip() for each in modules))
    assert torch.version.cuda.startswith("12.8"), torch.version.cuda


def cupy_finds_cudas_libraries() -> None:
    """Show CuPy's own account, and load what it computes with; the two that are left out want a device to be asked."""
    import cupy
    from cupy.cuda import cufft
    from cupy_backends.cuda.libs import cublas, curand, cusolver, cusparse

    cupy.show_config()
    print("cuFFT", cufft.getVersion(), "cuRAND", curand.getVersion(), "cuSOLVER", cusolver._getVersion())
    print("loaded:", cublas.__name__, cusparse.__name__)


def nvrtc_compiles() -> None:
    """For an A100 and an H100."""
    from cupy.cuda import nvrtc

    for architecture in COMPILED_FOR:
        program = nvrtc.createProgram(KERNEL, "twice.cu", (), ())
        nvrtc.compileProgram(program, (f"--gpu-architecture=sm_{architecture}",))
        binary = nvrtc.getCUBIN(program)
        assert binary, architecture
        print(f"NVRTC {nvrtc.getVersion()}: sm_{architecture}, {len(binary)} bytes")


def numba_makes_ptx() -> None:
    """With the nvvm of the lab environment."""
    from numba import cuda, float32, void

    def twice(x):  # type: ignore[no-untyped-def]
        i = cuda.grid(1)
        if i < x.size:
            x[i] *= 2

    ptx, _ = cuda.compile_ptx(twice, void(float32[:]), cc=(8, 0))
    assert ".target sm_80" in ptx, ptx[:200]
    print("Numba: PTX for sm_80")


if __name__ == "__main__":
    all_imports_leave_the_gil_off()
    cupy_finds_cudas_libraries()
    nvrtc_compiles()
    numba_makes_ptx()
