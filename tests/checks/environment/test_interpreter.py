from __future__ import annotations

import sys
from pathlib import Path

import pytest

from checks.environment.interpreter import (
    free_threaded,
    gather_build,
    gather_recorded_version,
    is_version,
    version,
)
from checks.suite import Failed, Inconclusive
from tests.checks.environment.fakes import environment_of

ORDINARY = Path(sys.executable)
RUNNING = ".".join(str(part) for part in sys.version_info[:3])


def test_the_lab_interpreter_is_free_threaded_and_starts_with_the_gil_off(lab_python: Path, tmp_path: Path) -> None:
    environment = environment_of(lab_python, tmp_path, environ={"PYTHON_GIL": "1"})
    build = gather_build(environment)
    assert build.is_free_threaded
    assert not build.gil_on
    assert free_threaded.run(environment) == f"Python {build.version}, free-threaded"


def test_an_ordinary_python_is_told_from_it(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="is an ordinary build") as failed:
        free_threaded.run(environment_of(ORDINARY, tmp_path))
    assert "--disable-gil" in failed.value.expected


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (None, "cannot be started: No such file"),
        ("#!/bin/sh\necho broken >&2\nexit 4\n", "ended with exit code 4: broken"),
    ],
)
def test_an_interpreter_that_does_not_answer_fails_with_the_reason(
    tmp_path: Path, script: str | None, says: str
) -> None:
    python = tmp_path / "python"
    if script:
        python.write_text(script)
        python.chmod(0o755)
    with pytest.raises(Failed, match=says) as failed:
        free_threaded.run(environment_of(python, tmp_path))
    assert "workshop up" in failed.value.do


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("home = /usr/bin\nversion_info = 3.13.15\n", "3.13.15"),
        ("home = /usr/bin\nversion = 3.13.15\n", "3.13.15"),
        ("home = /usr/bin\n", None),
        (None, None),
    ],
)
def test_the_recorded_version_is_that_of_pyvenv_cfg(tmp_path: Path, text: str | None, expected: str | None) -> None:
    if text is not None:
        (tmp_path / "pyvenv.cfg").write_text(text)
    assert gather_recorded_version(tmp_path) == expected


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [("3.13.15", True), ("3.13", True), ("3.13.15.final.0", True), ("3.13.1", False), ("3.14.15", False)],
)
def test_versions_are_compared_part_by_part(recorded: str, expected: bool) -> None:
    assert is_version("3.13.15", recorded) is expected


def test_the_version_of_the_record_passes_and_another_fails(tmp_path: Path) -> None:
    environment = environment_of(ORDINARY, tmp_path)
    record = tmp_path / "pyvenv.cfg"
    record.write_text(f"version_info = {RUNNING}\n")
    assert version.run(environment) == f"Python {RUNNING}"
    record.write_text("version_info = 2.7.18\n")
    with pytest.raises(Failed, match=f"Python {RUNNING}") as failed:
        version.run(environment)
    assert "Python 2.7.18" in failed.value.expected


def test_without_a_record_it_cannot_be_checked(tmp_path: Path) -> None:
    with pytest.raises(Inconclusive, match="no version is recorded"):
        version.run(environment_of(ORDINARY, tmp_path))
