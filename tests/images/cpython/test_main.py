from __future__ import annotations

from pathlib import Path

import pytest

from checks.problem import ExitCode
from images.cpython.__main__ import main


@pytest.mark.usefixtures("empty_cache")
def test_a_problem_is_shown_without_a_traceback_and_gives_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--prefix", str(tmp_path)]) == ExitCode.USAGE
    shown = capsys.readouterr().err
    assert f"found:    {tmp_path} exists already" in shown
    assert "Traceback" not in shown


@pytest.mark.usefixtures("empty_cache")
def test_an_unknown_row_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--prefix", str(tmp_path / "new"), "--row", "2.7"]) == ExitCode.USAGE
    assert "no CPython row is named '2.7'" in capsys.readouterr().err
