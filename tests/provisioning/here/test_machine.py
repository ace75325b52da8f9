"""What the machine is, and what it has: supported or not, memory, GPUs with and without NVIDIA's tool."""

import os
from pathlib import Path

import pytest

from foundation import control_groups, cores
from foundation.problem import ExitCode, Problem
from provisioning.here import machine


@pytest.fixture(autouse=True)
def cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the machine's cards are listed; there are none."""
    monkeypatch.setattr(machine, "DEVICES", tmp_path / "devices")
    return tmp_path / "devices"


def put_card(cards: Path, vendor: str, kind: str) -> None:
    card = cards / "0000:01:00.0"
    card.mkdir(parents=True)
    (card / "vendor").write_text(f"{vendor}\n")
    (card / "class").write_text(f"{kind}\n")


def put_nvidia_smi(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = folder / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_cores_memory_and_the_missing_gpu_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    text = machine.describe()
    assert f"{cores.usable()} core" in text
    assert " GB memory, no GPU (there is no nvidia-smi)" in text
    assert machine.memory_gb() > 0.1


def test_gpus_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_nvidia_smi(tmp_path, "echo 'NVIDIA L4, 23034 MiB'; echo 'NVIDIA L4, 23034 MiB'", monkeypatch)
    assert machine.gpu() == "GPU NVIDIA L4, 23034 MiB; NVIDIA L4, 23034 MiB"


def test_a_driver_that_fails_is_no_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_nvidia_smi(tmp_path, "echo 'NVIDIA-SMI has failed'; exit 9", monkeypatch)
    assert machine.gpu() == "no GPU (nvidia-smi lists none)"


def test_a_driver_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_nvidia_smi(tmp_path, "exec sleep 60", monkeypatch)
    monkeypatch.setattr(machine, "NVIDIA_SMI_LIMIT_S", 0.2)
    assert "hung" in machine.gpu()


def test_a_card_whose_driver_is_missing_is_told_from_no_card(cards: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    put_card(cards, "0x10de", "0x030200")
    assert machine.gpu() == (
        "no GPU that can be used: an NVIDIA card is there, its driver is not (there is no nvidia-smi)"
    )


@pytest.mark.parametrize(("vendor", "kind"), [("0x8086", "0x030000"), ("0x10de", "0x040300")])
def test_other_vendors_cards_and_a_cards_sound_are_no_gpu(cards: Path, vendor: str, kind: str) -> None:
    put_card(cards, vendor, kind)
    assert not machine.has_nvidia_card()


LIBC = (2, 36)


@pytest.mark.parametrize(
    ("system", "processor", "bits", "libc", "reason"),
    [
        ("linux", "x86_64", 64, LIBC, ""),
        ("linux", "aarch64", 64, (2, 28), ""),
        ("linux", "armv7l", 32, LIBC, "there are no ready packages for its processor (armv7l, 32 bit)"),
        ("linux", "aarch64", 32, LIBC, "there are no ready packages for its processor (aarch64, 32 bit)"),
        ("linux", "ppc64le", 64, LIBC, "there are no ready packages for its processor (ppc64le, 64 bit)"),
        ("linux", "x86_64", 64, (2, 17), "there are no ready packages for it, because its GNU C library is 2.17"),
        ("linux", "x86_64", 64, (), "there are no ready packages for it, because it has another C library than GNU's"),
        ("darwin", "arm64", 64, (), "it is a Mac"),
        ("freebsd14", "amd64", 64, (), "its system is freebsd14"),
    ],
)
def test_a_kind_of_machine_is_supported_or_it_is_said_why_not(
    system: str, processor: str, bits: int, libc: tuple[int, ...], reason: str
) -> None:
    assert machine.why_unsupported(system, processor, bits, libc) == reason


def test_this_one_is_supported_and_a_mac_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    machine.require_supported()
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(Problem, match="this machine is not supported: it is a Mac") as caught:
        machine.require_supported()
    assert caught.value.exit_code is ExitCode.COULD_NOT_CHECK
    assert "docker compose up" in caught.value.do


def test_too_little_memory_is_told_with_both_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    machine.require_memory(1)
    monkeypatch.setattr(control_groups, "memory_left", lambda: 300 * 2**20)  # of a container
    with pytest.raises(Problem, match="too little memory: 300 MB are free") as caught:
        machine.require_memory(1000)
    assert caught.value.expected == "1000 MB of free memory"
