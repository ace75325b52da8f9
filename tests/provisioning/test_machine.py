"""The machine in one line, with and without NVIDIA's tool."""

import os
from pathlib import Path

import pytest

from provisioning import machine


def put_nvidia_smi(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = folder / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_cores_memory_and_the_missing_gpu_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    text = machine.describe()
    assert f"{len(os.sched_getaffinity(0))} core" in text
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
