"""What can be proved of the gpu image's recipe without building it: its wheels exist, and Numba finds CUDA in them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from images import locks
from images.lab import cuda_home
from images.versions import versions
from tests.conftest import ROOT

pytestmark = pytest.mark.timeout(600)

MADE_HERE = {*versions().compiled, *versions().retagged, "cupy"}
FOR_NUMBA = ("nvidia-cuda-nvcc-cu12", "nvidia-cuda-nvrtc-cu12", "nvidia-cuda-runtime-cu12")


def install(uv: Path, python: Path, wanted: str, folder: Path, *options: str) -> str:
    """Put what the lock's lines `wanted` say into `folder`, of wheels only; what uv says of it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = folder.with_suffix(".txt")
    lock.write_text(wanted)
    only_wheels = ("--require-hashes", "--only-binary", ":all:")
    command: list[str | Path] = [uv, "pip", "sync", "--python", python]
    command += [*only_wheels, "--target", folder, *options, lock]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def without(text: str, left_out: Iterable[str]) -> str:
    """A lock's text without the packages `left_out`."""
    return "".join(entry for name, entry in locks.entries(text).items() if name not in left_out)


@pytest.mark.parametrize("name", ["lab-3.13t", "lab-3.13t-gpu", "wheels-3.13t", "wheels-3.13t-gpu"])
def test_the_index_has_a_wheel_of_all_that_is_not_made_here(
    name: str, uv: Path, lab_python: Path, tmp_path: Path
) -> None:
    wanted = without(locks.lock_file(name).read_text(), MADE_HERE)
    said = install(uv, lab_python, wanted, tmp_path / "nothing", "--dry-run")
    assert f"Would install {len(locks.entries(wanted))} packages" in said


def test_the_index_has_a_wheel_of_everything_for_3_14t(uv: Path, lab_python: Path, tmp_path: Path) -> None:
    wanted = locks.lock_file("lab-3.14t").read_text()
    said = install(uv, lab_python, wanted, tmp_path / "nothing", "--dry-run", "--python-version", "3.14")
    assert f"Would install {len(locks.entries(wanted))} packages" in said


def test_numba_makes_ptx_with_cudas_parts_out_of_the_locked_wheels(uv: Path, lab_python: Path, tmp_path: Path) -> None:
    packages = tmp_path / "environment/lib/python3.13t/site-packages"
    install(uv, lab_python, locks.only(locks.lock_file("lab-3.13t-gpu").read_text(), FOR_NUMBA), packages)
    cuda_home.make(tmp_path / "environment", tmp_path / "cuda")
    program = "from images.lab.gpu_selftest import numba_makes_ptx; numba_makes_ptx()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_HOME": str(tmp_path / "cuda")}
    done = subprocess.run(
        [lab_python, "-P", "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Numba: PTX for sm_80\n"


def test_a_wheel_that_lacks_a_part_of_cuda_is_told(tmp_path: Path) -> None:
    (tmp_path / "lib/python3.13t/site-packages/nvidia").mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match="libnvvm"):
        cuda_home.make(tmp_path, tmp_path / "cuda")
