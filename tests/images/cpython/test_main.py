from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from foundation.problem import ExitCode
from images.cpython.__main__ import main
from images.versions import Row, Versions
from tests.images.web import Web


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


@pytest.mark.usefixtures("empty_cache")
def test_the_source_alone_is_put_where_it_is_wanted(
    tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = b"a release"
    row = Row("3.13.99", hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(Versions, "rows", lambda _versions, _name=None: (row,))
    monkeypatch.setenv("WORKSHOP_MIRROR", web.base)
    web.files["/"] = b"a mirror"
    web.files["/Python-3.13.99.tar.xz"] = content
    assert main(["--fetch", str(tmp_path / "source")]) == ExitCode.PASS
    assert [file.name for file in (tmp_path / "source").iterdir()] == ["Python-3.13.99.tar.xz"]
    assert capsys.readouterr().out.strip() == str(tmp_path / "source/Python-3.13.99.tar.xz")


def test_a_folder_to_make_and_one_to_fetch_into_exclude_each_other() -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--prefix", "a", "--fetch", "b"])
    assert caught.value.code == ExitCode.USAGE
