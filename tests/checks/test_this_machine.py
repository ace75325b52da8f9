"""The environment checks, each as a test of its own: one registry serves `workshop check` and pytest."""

from __future__ import annotations

import subprocess

import pytest

from checks import environment
from checks.suite import collect
from foundation.model import Report, Status
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def report() -> Report:
    done = subprocess.run([ROOT / "workshop", "check", "--json"], capture_output=True, text=True, check=False)
    return Report.from_json(done.stdout)


@pytest.mark.parametrize("code", [each.code for each in collect(*environment.MODULES)])
def test_this_machine_is_fit(report: Report, code: str) -> None:
    result = report.result(code)
    assert result.status not in (Status.FAIL, Status.ERROR), f"{result.found}\n{result.expected}\n{result.do}"


def test_what_needs_no_gpu_and_no_quiet_is_proved(report: Report) -> None:
    unproved = {result.code for result in report.results if result.status is not Status.PASS}
    assert unproved <= {"cores.parallel", "gpu.driver", "gpu.device", "gpu.kernel"}
