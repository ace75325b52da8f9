from __future__ import annotations

from pathlib import Path

from images.lab.trim import trim

GOES = (
    "nvidia/cufft/lib/libcufft_static.a",
    "nvidia/nvshmem/lib/libnvshmem_device.bc",
    "nvidia/cublas/include/cublas.h",
    "torch/include/torch/all.h",
    "nvidia/cuda_nvcc/bin/ptxas",
    "nvidia/cuda_nvcc/nvvm/bin/cicc",
    "nvidia/cuda_nvrtc/lib/libnvrtc.alt.so.12",
    "nvidia/cusolver/lib/libcusolverMg.so.11",
    "numpy/_core/tests/tests/data.csv",
)
STAYS = (
    "nvidia/cusolver/lib/libcusolver.so.11",
    "nvidia/cuda_runtime/include/cuda_fp16.h",
    "nvidia/cuda_nvcc/nvvm/lib64/libnvvm.so.4",
    "nvidia/cuda_nvrtc/lib/libnvrtc.so.12",
    "numpy/testing/__init__.py",
    "torch/testing/__init__.py",
)


def test_what_a_session_cannot_use_goes_and_the_rest_stays(tmp_path: Path) -> None:
    packages = tmp_path / "lib/python3.13t/site-packages"
    for name in (*GOES, *STAYS):
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).write_bytes(b"x" * 100_000)
    said = list(trim(tmp_path))
    left = {str(path.relative_to(packages)) for path in packages.rglob("*") if path.is_file()}
    assert left == set(STAYS)
    assert said[0] == "    0.2 MB  static libraries and bitcode for them: nobody links"


def test_a_link_is_removed_and_not_what_it_leads_to(tmp_path: Path) -> None:
    packages = tmp_path / "lib/python3.13t/site-packages"
    (packages / "package").mkdir(parents=True)
    (packages / "shared").mkdir()
    (packages / "shared/file").touch()
    (packages / "package/tests").symlink_to(packages / "shared")
    list(trim(tmp_path))
    assert not (packages / "package/tests").is_symlink()
    assert (packages / "shared/file").exists()
