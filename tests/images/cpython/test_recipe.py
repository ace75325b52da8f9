from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from foundation.problem import ExitCode, Problem
from foundation.steps import Step
from images.cpython.recipe import build_under, find_built, name_of, require_trusted
from images.versions import versions

ROW = versions().rows("3.13.15t")[0]


@pytest.mark.usefixtures("empty_cache")
def test_the_builds_name_changes_with_all_that_goes_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = name_of(ROW, pgo=False)
    assert name.startswith("cpython-3.13.15t-")
    assert name == name_of(ROW, pgo=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
    others = {name_of(ROW, pgo=True), name_of(dataclasses.replace(ROW, sha256="0" * 64), pgo=False)}
    assert len({name, name_of(ROW, pgo=False), *others}) == 4


def test_the_first_row_that_the_cache_holds_is_found(empty_cache: Path) -> None:
    rows = versions().rows()
    assert find_built(rows) is None
    (empty_cache / name_of(rows[-1], pgo=False)).mkdir()
    built = find_built(rows)
    assert built
    assert (built.row, built.python.name) == (rows[-1], "python3.13t")


def test_an_existing_prefix_is_refused_and_left_alone(tmp_path: Path, step: Step) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problem) as caught:
        build_under(tmp_path, [ROW], step)
    assert caught.value.exit_code is ExitCode.USAGE
    assert f"{tmp_path} exists already" in str(caught.value)
    assert (tmp_path / "file").exists()


def test_a_build_that_fails_its_self_test_is_told_and_not_kept(tmp_path: Path, step: Step) -> None:
    python = tmp_path / "bin" / "python3.13t"
    python.parent.mkdir()
    python.symlink_to("/bin/true")
    with pytest.raises(Problem) as caught:
        require_trusted(tmp_path, ROW, step)
    assert "CPython 3.13.15t was built but fails its self-test: it is not a working Python" in str(caught.value)
    assert f"read the log: {step.log}" in str(caught.value)
