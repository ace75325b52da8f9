"""How a session begins: what torch is told of the slot's memory."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT


def told(folder: Path, nvidia_smi: str, budget_mb: str) -> tuple[str, str]:
    """PYTORCH_ALLOC_CONF in a session on a GPU whose nvidia-smi prints `nvidia_smi`, and what was said."""
    tool = folder / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{nvidia_smi}\n")
    tool.chmod(0o755)
    environment = {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "WORKSHOP_HOME": str(folder / "home"),
        "WORKSHOP_GPU_MEMORY_MB": budget_mb,
    }
    show = ["sh", "-c", 'echo "${PYTORCH_ALLOC_CONF:-nothing}"']
    done = subprocess.run(
        [ROOT / "images" / "lab" / "start", *show], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip(), done.stderr


def test_torch_is_held_to_the_slots_part_of_the_gpu(tmp_path: Path) -> None:
    conf, _ = told(tmp_path, "echo 24000; echo 24000", "6000")
    name, _, part = conf.partition(":")
    assert name == "per_process_memory_fraction"
    assert float(part) == pytest.approx(6000e6 / (24000 * 2**20), rel=1e-4)


def test_a_budget_beyond_the_gpu_is_all_of_it(tmp_path: Path) -> None:
    assert told(tmp_path, "echo 8000", "16000")[0] == "per_process_memory_fraction:1"


def test_without_a_budget_nothing_is_set(tmp_path: Path) -> None:
    assert told(tmp_path, "echo 24000", "")[0] == "nothing"


@pytest.mark.parametrize("answer", ["exit 9", "echo '[N/A]'", "echo"])
def test_a_gpu_that_does_not_say_its_size_is_said_and_starts_all_the_same(tmp_path: Path, answer: str) -> None:
    conf, said = told(tmp_path, answer, "6000")
    assert conf == "nothing"
    assert "torch is not held to its part" in said
