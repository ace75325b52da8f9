from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from checks.environment.fresh import Ran, run_script
from checks.environment.gpu import device, driver, judge_driver, judge_kernel, kernel, visible, word_broken
from checks.environment.nvidia import Device, Driver, State
from checks.suite import Failed, Found, Skipped
from tests.checks.environment.fakes import NO_GPUS, BrokenGpus, FakeGpus, environment_of

PYTHON = Path(sys.executable)
A, B = Device("H200", "GPU-aa11", 143771, "570.86.15"), Device("H200", "GPU-bb22", 143771, "570.86.15")


def test_no_gpu_is_skipped_and_says_what_the_labs_do_then(tmp_path: Path) -> None:
    with pytest.raises(Skipped) as skipped:
        driver.run(environment_of(PYTHON, tmp_path, gpus=NO_GPUS))
    assert skipped.value.found == (
        "no NVIDIA device: /dev/nvidia0 and nvidia-smi are absent; the GPU labs run on the simulator"
    )


@pytest.mark.parametrize("state", [state for state in State if state not in (State.WORKS, State.ABSENT)])
def test_each_broken_state_has_words_and_a_remedy(state: State) -> None:
    failed = word_broken(Driver(state, said="what it said"))
    assert failed.found.endswith("(what it said)")
    assert failed.expected == "nvidia-smi that lists the GPU"
    assert len(failed.do) > 40
    with pytest.raises(Failed):
        judge_driver(Driver(state))


def test_a_mismatch_is_remedied_by_a_reboot() -> None:
    assert word_broken(Driver(State.MISMATCH)).do.startswith("reboot")


def test_an_old_driver_fails_with_the_one_that_is_needed() -> None:
    with pytest.raises(Failed, match=r"driver 535\.183\.01") as failed:
        judge_driver(Driver(State.WORKS, (Device("T4", "GPU-1", 15360, "535.183.01"),)))
    assert failed.value.expected == "driver 570 or newer, which CUDA 12.8 needs"
    assert judge_driver(Driver(State.WORKS, (A,))) == "driver 570.86.15"


def test_an_nvidia_smi_that_cannot_be_started_fails(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="Permission denied"):
        driver.run(environment_of(PYTHON, tmp_path, gpus=BrokenGpus()))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, (A, B)),
        ("", ()),
        ("-1", ()),
        ("1", (B,)),
        ("1,0", (B, A)),
        ("0,7,1", (A,)),  # CUDA stops at the first that it does not know
        ("GPU-bb", (B,)),
        ("GPU-cc", ()),
        ("MIG-1234", (A,)),
    ],
)
def test_cuda_visible_devices_is_read_as_cuda_reads_it(value: str | None, expected: tuple[Device, ...]) -> None:
    assert visible((A, B), {} if value is None else {"CUDA_VISIBLE_DEVICES": value}) == expected


def test_a_device_is_named_with_memory_and_uuid(tmp_path: Path) -> None:
    found = device.run(environment_of(PYTHON, tmp_path, gpus=FakeGpus()))
    assert isinstance(found, Found)
    assert found.text == "NVIDIA H200, 140 GiB, GPU-4a1f"


def test_a_hidden_device_fails_by_the_variable_that_hides_it(tmp_path: Path) -> None:
    hidden = environment_of(PYTHON, tmp_path, gpus=FakeGpus(), environ={"CUDA_VISIBLE_DEVICES": ""})
    with pytest.raises(Failed, match="CUDA_VISIBLE_DEVICES='' hides all 1 GPUs"):
        device.run(hidden)


def answer(wrong: int) -> Ran:
    return Ran(0, json.dumps({"size": 40_001, "wrong": wrong, "by": "Numba 0.68.1"}) + "\n", "")


def test_right_results_pass_and_wrong_ones_are_counted() -> None:
    assert judge_kernel(answer(0), has_cuda=True).text == "40001 results right, by Numba 0.68.1"
    with pytest.raises(Failed, match="33 of 40001 results are wrong"):
        judge_kernel(answer(33), has_cuda=True)


def test_without_cuda_in_the_lock_no_kernel_is_asked_for() -> None:
    with pytest.raises(Skipped, match="no CUDA libraries; the GPU labs run on the simulator although there is a GPU"):
        judge_kernel(Ran(1, "", "NvvmSupportError: libNVVM cannot be found"), has_cuda=False)


@pytest.mark.parametrize("ran", [Ran(1, "", "CudaAPIError: 700"), Ran(-11, "", ""), Ran(None, "", "")])
def test_with_cuda_in_the_lock_every_end_but_an_answer_fails(ran: Ran) -> None:
    with pytest.raises(Failed, match="the process with the kernel"):
        judge_kernel(ran, has_cuda=True)


def test_a_kernel_that_hangs_fails_whatever_the_lock_has() -> None:
    with pytest.raises(Failed, match="did not end in time"):
        judge_kernel(Ran(None, "", ""), has_cuda=False)


def test_the_kernel_and_its_comparison_are_right_on_the_simulator(lab_python: Path) -> None:
    ran = run_script("gpu_kernel", ["numba", "301"], lab_python, {**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}, 60)
    assert json.loads(ran.out)["wrong"] == 0, ran.err
    assert json.loads(ran.out)["size"] == 301


def test_the_lock_decides_by_which_library(lab_python: Path, tmp_path: Path) -> None:
    environment = environment_of(lab_python, tmp_path, lock="cupy==14.2.0\n", gpus=FakeGpus())
    with pytest.raises(Failed, match="No module named 'cupy'"):
        kernel.run(environment)
