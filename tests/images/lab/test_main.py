from __future__ import annotations

import sys
from pathlib import Path

import pytest

from foundation.problem import ExitCode
from images.lab.__main__ import main


@pytest.mark.usefixtures("empty_cache")
def test_an_ordinary_python_is_refused_with_the_reasons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prefix = tmp_path / "environment"
    assert main(["--prefix", str(prefix), "--python", sys.executable]) == ExitCode.COULD_NOT_CHECK
    shown = capsys.readouterr().err
    assert "it is not a free-threaded build" in shown
    assert "expected: uv and a free-threaded Python" in shown
    assert "Traceback" not in shown
    assert not prefix.exists()


@pytest.mark.usefixtures("empty_cache")
def test_a_named_row_decides_which_series_is_wanted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--prefix", str(tmp_path / "environment"), "--python", sys.executable, "--row", "3.14t"])
    assert "not 3.14" in capsys.readouterr().err
