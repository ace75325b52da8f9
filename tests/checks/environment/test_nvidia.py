from __future__ import annotations

import time
from pathlib import Path

import pytest

from checks.environment.fresh import Ran
from checks.environment.nvidia import Device, Driver, Gpus, NvidiaSmi, State, gather, judge
from tests.checks.environment.fakes import HEALTHY, BrokenGpus, FakeGpus

NODES = ("/dev/nvidia0",)
# What nvidia-smi of driver 570 prints, and with which exit status.
NO_DEVICES = ("No devices were found", 6)
MISMATCH = (
    "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 570.86",
    18,
)
NOT_LOADED = ("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", 9)


def stub(folder: Path, script: str) -> NvidiaSmi:
    """The machine below `folder` with an nvidia-smi that is this shell script."""
    (folder / "bin").mkdir(exist_ok=True)
    program = folder / "bin" / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return NvidiaSmi(path=str(folder / "bin"), root=folder, limit_s=5.0)


def saying(folder: Path, text: str, code: int) -> NvidiaSmi:
    (folder / "said").write_text(text + "\n")
    return stub(folder, f"cat '{folder / 'said'}'; exit {code}")


def test_a_healthy_driver_lists_its_devices(tmp_path: Path) -> None:
    smi = saying(tmp_path, HEALTHY + "NVIDIA GB10, GPU-77, [N/A], 570.86.15", 0)
    driver = judge(*gather(smi))
    assert driver.state is State.WORKS
    assert driver.devices == (
        Device("NVIDIA H200", "GPU-4a1f", 143771, "570.86.15"),
        Device("NVIDIA GB10", "GPU-77", None, "570.86.15"),
    )
    assert driver.devices[0].words == "NVIDIA H200, 140 GiB, GPU-4a1f"
    assert driver.devices[1].words == "NVIDIA GB10, memory shared with the machine, GPU-77"


def test_it_is_asked_for_each_gpu_as_csv(tmp_path: Path) -> None:
    ran = stub(tmp_path, 'echo "$@"').query()
    assert ran is not None
    assert ran.out == "--query-gpu=name,uuid,memory.total,driver_version --format=csv,noheader,nounits\n"


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (NO_DEVICES, State.NO_DEVICE),
        (MISMATCH, State.MISMATCH),
        (NOT_LOADED, State.NOT_LOADED),
        (("Unable to determine the device handle for GPU0: Unknown Error", 255), State.BROKEN),
        (("", 0), State.BROKEN),
        (('Field "uuid" is not a valid field to query.', 2), State.BROKEN),
        (("a line, of something, else", 0), State.BROKEN),
    ],
)
def test_each_way_to_be_broken_is_told_apart(tmp_path: Path, said: tuple[str, int], state: State) -> None:
    assert judge(*gather(saying(tmp_path, *said))).state is state


def test_an_nvidia_smi_that_hangs_is_stopped(tmp_path: Path) -> None:
    smi = stub(tmp_path, "sleep 600")
    began = time.monotonic()
    driver = judge(*gather(NvidiaSmi(path=smi.path, root=tmp_path, limit_s=0.3)))
    assert driver == Driver(State.HANGS)
    assert time.monotonic() - began < 5


def test_one_that_cannot_be_started_is_broken(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "nvidia-smi"
    program.write_text("#!/no/such/interpreter\n")
    program.chmod(0o755)
    driver = judge(*gather(NvidiaSmi(path=str(tmp_path / "bin"), root=tmp_path)))
    assert driver.state is State.BROKEN
    assert "cannot be started" in driver.said


def test_nothing_at_all_is_absent(tmp_path: Path) -> None:
    assert judge(*gather(NvidiaSmi(path=str(tmp_path), root=tmp_path))) == Driver(State.ABSENT)


@pytest.mark.parametrize(
    ("nodes", "is_loaded", "state"),
    [
        (NODES, True, State.NO_SMI),
        (NODES, False, State.NO_SMI),
        ((), True, State.NO_NODE),
        (("/dev/dxg",), False, State.ABSENT),  # any graphics card under WSL
    ],
)
def test_without_nvidia_smi_the_files_decide(nodes: tuple[str, ...], is_loaded: bool, state: State) -> None:
    assert judge(nodes, is_loaded, None).state is state


def test_a_loaded_driver_without_a_device_file_sees_no_device_for_that_reason() -> None:
    ran = Ran(6, "No devices were found\n", "")
    assert judge((), True, ran).state is State.NO_NODE
    assert judge(NODES, True, ran).state is State.NO_DEVICE


def test_device_files_and_the_loaded_driver_are_seen(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"):
        (tmp_path / "dev" / name).touch()
    (tmp_path / "proc/driver/nvidia").mkdir(parents=True)
    (tmp_path / "proc/driver/nvidia/version").touch()
    gpus = NvidiaSmi(path=str(tmp_path), root=tmp_path)
    assert [Path(node).name for node in gpus.nodes()] == ["nvidia0", "nvidia1"]
    assert gpus.has_kernel_module()


@pytest.mark.parametrize("gpus", [FakeGpus(), BrokenGpus(), NvidiaSmi()], ids=["fake", "broken", "real"])
def test_whatever_the_gpus_are_their_state_is_known(gpus: Gpus) -> None:
    driver = judge(*gather(gpus))
    assert (driver.state is State.WORKS) == bool(driver.devices)
