"""GPUs of hosts that are wrong in one way each: what is said, and that a right one passes."""

from __future__ import annotations

import pytest

from checks.environment.fresh import Ran
from checks.suite import Check, Failed, Found, Skipped
from provisioning.hosts.checks.gpu import cdi, driver, gpu_after_daemon_reload, gpu_container
from provisioning.hosts.checks.host import Subject
from tests.provisioning.hosts.checks.fakes import (
    DRIVER,
    GPU_0,
    GPU_1,
    driver_answer,
    listed,
    specification,
    specifications,
    subject_of,
)

BOTH = specifications(nvidia=specification("0", "1", GPU_0, GPU_1, "all"))
ALL = listed(GPU_0, GPU_1)
HEALTHY = driver_answer()


def host(*, driver: str | Ran = HEALTHY, cdi: str = BOTH, inside: str | Ran = ALL, reload: str | Ran = "") -> Subject:
    """One with two GPUs, right but for what is given."""
    return subject_of(
        {
            "/proc/driver/nvidia": driver,
            "find /etc/cdi": cdi,
            "daemon-reload": reload or f"{ALL}=====\n{ALL}",
            "docker run --rm": inside,
        }
    )


def found(check: Check, subject: Subject) -> str:
    said = check.run(subject)
    return said.text if isinstance(said, Found) else said


def fault(check: Check, subject: Subject) -> str:
    with pytest.raises(Failed) as failed:
        check.run(subject)
    return failed.value.found


def test_a_right_host_passes_every_one_of_them() -> None:
    assert found(driver, host()) == f"{DRIVER} on 2 x NVIDIA L4"
    assert found(cdi, host()) == f"2 by name, driver {DRIVER}"
    assert found(gpu_container, host()) == "2 inside"
    assert found(gpu_after_daemon_reload, host()) == "still there"


@pytest.mark.parametrize("check", [driver])
def test_a_host_that_is_to_have_no_gpu_is_asked_for_none(check: Check) -> None:
    with pytest.raises(Skipped, match="workshop_gpu_slots is none"):
        check.run(subject_of({}, gpu_slots="none"))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (driver_answer(installed="580.10.01"), f"driver {DRIVER} is loaded, 580.10.01 is installed"),
        (driver_answer(installed=""), "modinfo knows no nvidia module"),
        (driver_answer(loaded="535.1.1", installed="535.1.1"), "driver 535.1.1, older than 570"),
        (driver_answer(loaded="", smi="NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver",
                       code=9, nodes=""), "the driver is not loaded"),
        (driver_answer(smi="Failed to initialize NVML: Driver/library version mismatch", code=18), "different version"),
        (driver_answer(smi="", code=124), "nvidia-smi does not end"),
        (driver_answer(smi="No devices were found", code=6), "sees no GPU"),
        ("\n=====\n=====\n=====\n", "no NVIDIA GPU and no driver"),
        (Ran(None, "=====\n=====\n=====\n", ""), "nvidia-smi does not end"),
    ],
)  # fmt: skip
def test_a_driver_that_is_wrong_is_named(answer: str | Ran, said: str) -> None:
    assert said in fault(driver, host(driver=answer))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no CDI specification names a GPU"),
        (specifications(other=specification("x", kind="vendor.com/net")), "no CDI specification names a GPU"),
        (specifications(nvidia=specification(GPU_0, GPU_1, driver="535.1.1")), "the CDI specification mounts 535.1.1"),
        (specifications(nvidia=specification(GPU_0, GPU_1), old=specification("0", driver="535.1.1")),
         f"mounts 535.1.1, {DRIVER}"),
        (specifications(nvidia=specification(GPU_0)), f"lacks {GPU_1}"),
        (specifications(nvidia=specification("0", "all")), "1 of 2 GPUs are not in the CDI specification"),
        (specifications(nvidia="kind: nvidia.com/gpu\ndevices:\n- name: x\n"), "mounts no library of the driver"),
        (specifications(nvidia="kind: [nvidia.com/gpu\n"), "/etc/cdi/nvidia cannot be read"),
    ],
)  # fmt: skip
def test_a_specification_that_does_not_fit_is_named(text: str, said: str) -> None:
    assert said in fault(cdi, host(cdi=text))


def test_a_specification_of_parts_of_gpus_is_right() -> None:
    assert found(cdi, host(cdi=specifications(nvidia=specification("MIG-1", "MIG-2")))).startswith("2 by name")


def test_a_container_is_given_every_gpu_by_name_and_nothing_else() -> None:
    subject = host()
    gpu_container.run(subject)
    command = next(each for each in subject.host.asked if "docker run" in each)  # type: ignore[attr-defined]
    assert f"--device nvidia.com/gpu={GPU_0} --device nvidia.com/gpu={GPU_1} " in command
    assert "--network none" in command


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        (listed(GPU_0), f"does not see {GPU_1}"),
        (Ran(125, "", "docker: unresolvable CDI devices nvidia.com/gpu=GPU-0a0a"), "unresolvable CDI devices"),
        (Ran(None, "", ""), "did not end in time"),
    ],
)
def test_a_container_without_its_gpus_is_a_fault(inside: str | Ran, said: str) -> None:
    assert said in fault(gpu_container, host(inside=inside))


@pytest.mark.parametrize(
    ("reload", "said"),
    [
        (Ran(255, f"{ALL}=====\n", "Failed to initialize NVML: Unknown Error"), "has lost its GPU"),
        (
            f"{ALL}=====\n{listed(GPU_0)}",
            f"has lost its GPU: a container that was given every GPU does not see {GPU_1}",
        ),
        (Ran(1, ALL, "Failed to reload daemon: Access denied"), "before the reload it ended with exit code 1"),
    ],
)
def test_a_gpu_that_is_gone_after_a_reload_is_a_fault(reload: str | Ran, said: str) -> None:
    assert said in fault(gpu_after_daemon_reload, host(reload=reload))
