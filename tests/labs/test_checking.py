"""On what a lab is judged, and that a report which proves nothing is no PASS."""

from __future__ import annotations

from pathlib import Path

import pytest

from foundation.model import Report, Result, Status
from labs.checking import device, nothing_proved_is_an_error


def report(**statuses: Status) -> Report:
    results = [Result(code=code, title=code, status=status, found="no GPU") for code, status in statuses.items()]
    return Report(subject="lab 90", results=tuple(results))


def test_without_a_gpu_and_where_it_is_asked_for_the_simulator_is_the_device(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("NUMBA_ENABLE_CUDASIM", raising=False)
    stub = tmp_path / "nvidia-smi"
    stub.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert device() == "gpu"
    monkeypatch.setenv("NUMBA_ENABLE_CUDASIM", "1")
    assert device() == "simulator"


def test_a_lab_whose_own_checks_were_all_skipped_is_not_passed() -> None:
    passed = report(loads=Status.PASS, gil=Status.PASS, kernel=Status.SKIPPED, speed=Status.SKIPPED)
    assert passed.status is Status.PASS
    judged = nothing_proved_is_an_error(passed)
    assert judged.status is Status.ERROR
    assert judged.result("lab").found == "all of its checks were skipped: no GPU"


@pytest.mark.parametrize("kernel", [Status.PASS, Status.FAIL, Status.INCONCLUSIVE, Status.BLOCKED])
def test_one_check_that_was_not_skipped_is_enough(kernel: Status) -> None:
    mixed = report(loads=Status.PASS, gil=Status.PASS, kernel=kernel, speed=Status.SKIPPED)
    assert nothing_proved_is_an_error(mixed) is mixed
