"""What is done about a driver, decided from what a host says: no host is needed for that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.ansible.filter_plugins.nvidia_driver import (
    DriverFacts,
    driver_decision,
    driver_facts,
    reboot_reason,
)

KERNEL = "6.8.0-1015-aws"
BARE = DriverFacts(gpus=1, kernel=KERNEL)
WORKS = DriverFacts("580.95.05", "580.95.05", "580.95.05", gpus=1, kernel=KERNEL)


def test_the_hosts_lines_become_facts() -> None:
    said = (
        "smi=580.95.05\nloaded=580.95.05\ninstalled=580.95.05\nnouveau=0\ngpus=2\n"
        f"secure_boot=1\nkernel={KERNEL}\nnoise\n"
    )
    assert driver_facts(said) == replace(WORKS, gpus=2, secure_boot=True)


@pytest.mark.parametrize(
    "word", ["Failed to initialize NVML: Driver/library version mismatch", "No devices were found"]
)
def test_an_error_of_nvidia_smi_is_no_version(word: str) -> None:
    assert driver_facts(f"smi={word}\nnouveau=\n").smi == ""


@pytest.mark.parametrize("secure_boot", ["", "0", " 0"])
def test_no_answer_of_the_firmware_is_no_secure_boot(secure_boot: str) -> None:
    assert not driver_facts(f"secure_boot={secure_boot}").secure_boot


@pytest.mark.parametrize("distribution", ["Debian", "Ubuntu"])
def test_a_driver_that_works_and_is_new_enough_is_kept_whoever_installed_it(distribution: str) -> None:
    facts = replace(WORKS, installed="", secure_boot=True)
    assert driver_decision(facts, distribution, "580", "open").action == "keep"


def test_one_that_is_older_than_the_labs_need_is_replaced() -> None:
    decision = driver_decision(replace(WORKS, smi="535.247.01"), "Ubuntu", "580", "open")
    assert decision.action == "keep"  # 580 is installed: a reboot loads it
    decision = driver_decision(DriverFacts("535.247.01", "535.247.01", "535.247.01", gpus=1), "Ubuntu", "580", "open")
    assert (decision.action, decision.why) == ("install", "driver 535.247.01 is older than 570")


def test_a_host_without_a_gpu_is_refused() -> None:
    decision = driver_decision(DriverFacts(kernel=KERNEL), "Ubuntu", "580", "open")
    assert decision.action == "refuse"
    assert "no NVIDIA GPU" in decision.found


def test_ubuntu_gets_canonicals_signed_modules_of_the_running_kernel() -> None:
    decision = driver_decision(replace(BARE, secure_boot=True), "Ubuntu", "580", "open")
    assert decision.packages == [
        f"linux-modules-nvidia-580-server-open-{KERNEL}",
        "nvidia-headless-no-dkms-580-server-open",
        "nvidia-utils-580-server",
    ]
    assert not decision.from_nvidia


def test_older_gpus_get_the_closed_modules() -> None:
    assert driver_decision(BARE, "Ubuntu", "580", "closed").packages[0] == f"linux-modules-nvidia-580-server-{KERNEL}"
    assert "nvidia-kernel-dkms" in driver_decision(BARE, "Debian", "580", "closed").packages


def test_debian_compiles_against_the_running_kernels_headers() -> None:
    decision = driver_decision(BARE, "Debian", "580", "open")
    assert decision.packages == [f"linux-headers-{KERNEL}", "nvidia-kernel-open-dkms", "nvidia-driver-cuda"]
    assert decision.from_nvidia


def test_debian_with_secure_boot_is_refused_and_told_why() -> None:
    decision = driver_decision(replace(BARE, secure_boot=True), "Debian", "580", "open")
    assert decision.action == "refuse"
    assert "Secure Boot" in decision.found
    assert "Ubuntu" in decision.do


def test_nothing_is_rebooted_that_works_or_has_no_driver() -> None:
    assert reboot_reason(WORKS) == ""
    assert reboot_reason(BARE) == ""
    assert reboot_reason(replace(BARE, nouveau=True)) == ""


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (replace(WORKS, smi="", loaded="", nouveau=True), "nouveau holds the GPU, driver 580.95.05 is installed"),
        (replace(WORKS, smi="", loaded="535.247.01"), "driver 535.247.01 is loaded, 580.95.05 is installed"),
        (replace(WORKS, smi="535.247.01", loaded="535.247.01"), "driver 535.247.01 is loaded, 580.95.05 is installed"),
        (replace(WORKS, smi="", loaded=""), "driver 580.95.05 is installed and does not answer"),
    ],
)
def test_state_alone_says_why_a_reboot_is_needed(facts: DriverFacts, why: str) -> None:
    assert reboot_reason(facts) == why
