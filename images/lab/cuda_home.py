"""`python -m images.lab.cuda_home ENVIRONMENT DIR`: CUDA's parts out of the environment's wheels, as Numba wants them.

Numba's own CUDA target looks for a toolkit's folders, not into wheels: DIR becomes such folders, of links.
"""

from __future__ import annotations

import sys
from pathlib import Path

LINKS = {
    "nvvm/lib64/libnvvm.so.4": "cuda_nvcc/nvvm/lib64/libnvvm.so*",
    "nvvm/libdevice/libdevice.10.bc": "cuda_nvcc/nvvm/libdevice/libdevice.10.bc",
    "lib64/libcudart.so.12": "cuda_runtime/lib/libcudart.so.12*",
    "lib64/libnvrtc.so.12": "cuda_nvrtc/lib/libnvrtc.so.12*",
}


def make(environment: Path, folder: Path) -> None:
    """Make the links in `folder`; raises if a wheel lacks what they lead to."""
    (packages,) = environment.glob("lib/python3.*/site-packages/nvidia")
    for link, pattern in LINKS.items():
        target = next(iter(sorted(packages.glob(pattern))), None)
        if target is None:
            raise FileNotFoundError(f"{packages}/{pattern}")
        (folder / link).parent.mkdir(parents=True, exist_ok=True)
        (folder / link).symlink_to(target)


if __name__ == "__main__":
    make(Path(sys.argv[1]), Path(sys.argv[2]))
