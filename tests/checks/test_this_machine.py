"""The environment checks, each as a test of its own: one registry serves `workshop check` and pytest."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from checks import environment
from checks.suite import collect
from foundation.model import Report, Status
from images.versions import versions
from provisioning.here.place import Place
from tests.conftest import OTHER_SERIES, ROOT


@pytest.fixture(scope="module", params=versions().series)
def report(request: pytest.FixtureRequest, lab_python: Path, other_place: Place) -> Report:
    """What the self-check says of the lab environment of each series."""
    environment = dict(os.environ)
    if request.param == OTHER_SERIES:
        environment |= {"WORKSHOP_STATE": str(other_place.state), "WORKSHOP_HOME": str(other_place.home)}
    done = subprocess.run(
        [ROOT / "workshop", "check", "--json"], env=environment, capture_output=True, text=True, check=False
    )
    return Report.from_json(done.stdout)


def test_the_series_is_the_one_that_was_asked_for(report: Report, request: pytest.FixtureRequest) -> None:
    series = request.node.callspec.params["report"]
    assert report.result("python.build").found.startswith(f"Python {series.removesuffix('t')}.")


@pytest.mark.parametrize("code", [each.code for each in collect(*environment.MODULES)])
def test_this_machine_is_fit(report: Report, code: str) -> None:
    result = report.result(code)
    assert result.status not in (Status.FAIL, Status.ERROR), f"{result.found}\n{result.expected}\n{result.do}"


def test_what_needs_no_gpu_and_no_quiet_is_proved(report: Report) -> None:
    unproved = {result.code for result in report.results if result.status is not Status.PASS}
    assert unproved <= {"cores.parallel", "gpu.driver", "gpu.device", "gpu.kernel"}
