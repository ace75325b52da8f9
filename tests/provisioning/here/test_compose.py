"""What is chosen and refused before Docker is asked for anything; tests/docker has the rest, on a real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from foundation.problem import ExitCode, Problem
from provisioning.here import compose, machine


@pytest.fixture(params=["GPU NVIDIA L4, 23034 MiB", "no GPU (there is no nvidia-smi)"])
def gpu(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """A machine with a GPU, and one without."""
    monkeypatch.delenv("LAB_TARGET", raising=False)
    monkeypatch.setattr(machine, "gpu", lambda: request.param)
    return bool(request.param.startswith("GPU"))


def test_the_labs_run_where_the_machine_can(gpu: bool) -> None:
    target, why = compose.choose_target()
    assert target == ("gpu" if gpu else "cpu")
    assert why


def test_cpu_can_be_asked_for_anywhere(gpu: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_TARGET", "cpu")
    assert compose.choose_target() == ("cpu", "LAB_TARGET=cpu")


def test_gpu_is_refused_where_there_is_none(gpu: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_TARGET", "gpu")
    if gpu:
        assert compose.choose_target()[0] == "gpu"
        return
    with pytest.raises(Problem, match="LAB_TARGET is gpu, and here is no GPU") as caught:
        compose.choose_target()
    assert "LAB_TARGET=cpu" in caught.value.do


def test_a_target_that_is_none_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_TARGET", "tpu")
    with pytest.raises(Problem, match="LAB_TARGET is 'tpu'") as caught:
        compose.choose_target()
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("text", ["abc", "0", "70000", "-1"])
def test_a_port_that_is_none_is_a_usage_error(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSHOP_PORT", text)
    with pytest.raises(Problem, match="WORKSHOP_PORT is") as caught:
        compose.wanted_port(None)
    assert caught.value.exit_code is ExitCode.USAGE


def test_the_command_line_has_the_last_word_on_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSHOP_PORT", "9000")
    assert compose.wanted_port(9001) == 9001
    assert compose.wanted_port(None) == 9000


def test_every_target_is_a_stage_of_the_labs_dockerfile(request: pytest.FixtureRequest) -> None:
    dockerfile = Path(request.config.rootpath) / "images" / "lab" / "Dockerfile"
    stages = {line.split()[-1] for line in dockerfile.read_text().splitlines() if line.startswith("FROM ")}
    assert compose.TARGETS.keys() <= stages


def test_a_hub_that_refuses_to_start_is_quoted_once() -> None:
    refusal = "found:    LAB_MEMORY is 'lots'\nexpected: something like 2G\ndo this:  LAB_MEMORY=2G"
    problem = compose.why_not("", f"starting\n\n{refusal}\n\n{refusal}\n", Problem("docker failed"))
    assert str(problem).count("LAB_MEMORY is 'lots'") == 1
    assert "do this:  LAB_MEMORY=2G" in problem.found


def test_a_start_that_failed_before_the_hub_is_told_as_it_was() -> None:
    problem = Problem("docker failed")
    assert compose.why_not("", "", problem) is problem
    assert compose.why_not("passed", "JupyterHub is running", problem) is problem


def test_a_self_check_that_failed_is_quoted() -> None:
    failed = Problem('docker failed with exit code 1; its last lines:\nservice "lab" didn\'t complete successfully')
    problem = compose.why_not("FAIL gil.off", "", failed)
    assert "the lab image's self-check failed:\nFAIL gil.off" in problem.found
