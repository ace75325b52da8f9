"""`python -m provisioning.hosts.checks`, as a matrix starts it: a real process on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from checks.suite import collect
from foundation.model import Report, Status
from provisioning.hosts.checks.suite import MODULES
from tests.conftest import ROOT


def ran(file: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "provisioning.hosts.checks", str(file), *words]
    return subprocess.run(
        command, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )


@pytest.fixture
def here(tmp_path: Path) -> Path:
    file = tmp_path / "expected.json"
    expired = {"connection": "local://", "lab_image": "", "expires": "2020-01-01T00:00:00+00:00"}
    file.write_text(json.dumps({"name": "gpu-1", **expired}))
    return file


def test_the_report_is_about_the_host_by_its_name(here: Path) -> None:
    done = ran(here, "host.clock", "--json")
    assert done.returncode == 0, done.stderr
    report = Report.from_json(done.stdout)
    assert report.subject == "gpu-1"
    assert [result.code for result in report.results] == ["host.reach", "host.clock"]


def test_a_fault_says_what_to_do_and_fails_unless_it_is_ignored(here: Path) -> None:
    done = ran(here, "host.expiry")
    assert done.returncode == 1
    assert "✘ host.expiry the end was" in done.stdout
    assert "do this:" in done.stdout
    lenient = ran(here, "host.expiry", "--ignore", "host.expiry", "--json")
    assert lenient.returncode == 0
    assert Report.from_json(lenient.stdout).result("host.expiry").status is Status.SKIPPED


def test_the_list_names_every_check_of_a_host(here: Path) -> None:
    every = collect(*MODULES)
    assert [line.split()[0] for line in ran(here, "--list").stdout.splitlines()] == [each.code for each in every]


def test_a_name_that_is_no_check_is_told_and_so_is_a_file_that_is_none(here: Path, tmp_path: Path) -> None:
    wrong = ran(here, "host.drivre")
    assert wrong.returncode == 2
    assert "did you mean host.driver?" in wrong.stderr
    missing = ran(tmp_path / "none.json")
    assert missing.returncode == 2
    assert "cannot be read" in missing.stderr
    assert "Traceback" not in missing.stderr
