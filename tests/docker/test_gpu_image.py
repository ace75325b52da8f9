"""The gpu image, looked at if it has been built. Its build takes the better part of an hour, and so CI has none."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest
import testinfra

from tests.conftest import LAB_PYTHON
from tests.docker.stack import docker

pytestmark = pytest.mark.timeout(900)

IMAGE = f"gilfree/lab:{LAB_PYTHON}-gpu"
HOW = "not built here: LAB_TARGET=gpu GPU_EXPECTED= docker compose build lab"
AT_MOST_MB = 9000
ONCE = (
    "libcudart.so",
    "libcublas.so",
    "libcufft.so",
    "libcurand.so",
    "libcusolver.so",
    "libcusparse.so",
    "libnvrtc.so",
)


@pytest.fixture(scope="module")
def size_mb() -> float:
    """Its size; a test that asks for it is skipped if there is no such image."""
    if not docker("image", "ls", "--quiet", IMAGE):
        pytest.skip(HOW)
    (known,) = json.loads(docker("image", "inspect", IMAGE))
    return float(known["Size"]) / 1e6


@pytest.fixture(scope="module")
def gpu_lab(size_mb: float) -> Iterator[Any]:
    """A container of it that only sleeps, without GPU and network."""
    name = docker("run", "--detach", "--network", "none", "--entrypoint", "sleep", IMAGE, "3600").strip()
    yield testinfra.get_host(f"docker://{name}")
    docker("rm", "--force", "--volumes", name)


def test_it_is_not_larger_than_we_say(size_mb: float) -> None:
    assert size_mb < AT_MOST_MB


def test_its_self_test_passes_without_a_gpu(gpu_lab: Any) -> None:
    said = gpu_lab.check_output("/opt/lab/bin/python -P -m images.lab.gpu_selftest")
    assert "GIL off after" in said
    for architecture in (80, 90):
        assert f"sm_{architecture}" in said
    assert said.endswith("Numba: PTX for sm_80")


def test_there_is_one_set_of_cudas_libraries(gpu_lab: Any) -> None:
    found = gpu_lab.check_output("find /opt /usr -xdev -type f -name 'lib*.so*' -size +100k").splitlines()
    counted = Counter(f"{PurePosixPath(path).name.partition('.so')[0]}.so" for path in found)
    assert {name: counted[name] for name in ONCE} == dict.fromkeys(ONCE, 1)


@pytest.mark.parametrize("command", ["nvcc", "ptxas", "gcc", "g++", "uv", "pip"])
def test_nothing_that_built_it_is_left(gpu_lab: Any, command: str) -> None:
    assert not gpu_lab.exists(command)


def test_a_session_without_a_gpu_begins_and_its_kernels_compute(gpu_lab: Any) -> None:
    assert gpu_lab.user().name == "attendee"
    assert gpu_lab.run("/opt/workshop/images/lab/start true").rc == 0
    checked = gpu_lab.run("workshop check gil.off gil.imports packages.lock kernels.compute --json")
    assert {each["status"] for each in json.loads(checked.stdout)["results"]} == {"pass"}
