from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.problem import Problem
from foundation.steps import Step, Steps
from images.cpython.recipe import find_built, name_of
from images.interpreter import Interpreter, find, from_cache, from_path, from_uv, from_variable, obtain
from images.versions import versions
from tests.images.web import Web

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH, and no variable that names an interpreter; uv is not beside Python either."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("WORKSHOP_PYTHON", raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere" / "python"))
    return folder


def script(file: Path, text: str) -> None:
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def test_the_one_that_the_variable_names_comes_first(
    interpreter: Interpreter, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKSHOP_PYTHON", str(interpreter.python))
    found = find(step, versions().rows())
    assert found
    assert (found.python, found.version) == (interpreter.python, interpreter.version)
    assert found.origin == "named by WORKSHOP_PYTHON"


def test_an_ordinary_python_named_by_the_variable_is_refused_with_the_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSHOP_PYTHON", sys.executable)
    with pytest.raises(Problem) as caught:
        from_variable()
    message = str(caught.value)
    assert f"found:    WORKSHOP_PYTHON is {sys.executable}, which cannot be used:" in message
    assert "it is not a free-threaded build" in message
    assert "or unset it" in message


def test_the_python_of_an_environment_stands_for_its_base(
    lab_environment_python: Path, interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKSHOP_PYTHON", str(lab_environment_python))
    found = from_variable()
    assert found
    assert found.python.samefile(interpreter.python)
    assert found.python != lab_environment_python


@pytest.fixture
def lab_environment_python(interpreter: Interpreter, tmp_path: Path) -> Path:
    """The Python of a virtual environment of the interpreter."""
    subprocess.run([interpreter.python, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    return tmp_path / "venv" / "bin" / "python"


def test_one_on_path_is_found(interpreter: Interpreter, bare: Path, step: Step) -> None:
    (bare / "python3.13t").symlink_to(interpreter.python)
    found = from_path(step)
    assert found
    assert found.origin == f"found on PATH: {bare}/python3.13t"


def test_a_broken_one_on_path_is_told_and_skipped(bare: Path, step: Step, screen: io.StringIO) -> None:
    script(bare / "python3.13t", "echo 'lost: libssl.so' >&2; exit 127")
    assert from_path(step) is None
    assert (
        f"skipped: {bare}/python3.13t: it is not a working Python: exit code 127, lost: libssl.so" in screen.getvalue()
    )


def test_a_kept_build_that_broke_is_told_and_removed(
    empty_cache: Path, bare: Path, step: Step, screen: io.StringIO
) -> None:
    rows = versions().rows()
    (empty_cache / name_of(rows[0], pgo=False) / "bin").mkdir(parents=True)
    assert find_built(rows)
    assert from_cache(step, rows) is None
    assert find_built(rows) is None
    assert "removed: " in screen.getvalue()
    assert "it does not start: No such file or directory" in screen.getvalue()


def test_without_anything_there_none_is_found(empty_cache: Path, bare: Path, step: Step) -> None:
    assert find(step, versions().rows()) is None


UV = """
case "$*" in
  *find*) [ -e {there} ] && echo {python} || exit 2 ;;
  *list*) echo '[{{"url": "{url}"}}]' ;;
  *install*) {install} ;;
esac
"""


def uv_that(bare: Path, interpreter: Interpreter, url: str, install: str = "") -> None:
    """Put a `uv` on PATH that has `interpreter` once `install` was run."""
    there = bare / "there"
    text = UV.format(there=there, python=interpreter.python, url=url, install=install or f": > {there}")
    script(bare / "uv", text)


def test_one_that_uv_has_is_found_without_asking_its_host(
    interpreter: Interpreter, bare: Path, step: Step, web: Web
) -> None:
    uv_that(bare, interpreter, f"{web.base}/python.tar.gz")
    (bare / "there").touch()
    found = from_uv(step)
    assert found
    assert (found.python, found.origin) == (interpreter.python, "installed by uv")
    assert web.asked == []


def test_uv_fetches_one_where_its_host_has_it(interpreter: Interpreter, bare: Path, step: Step, web: Web) -> None:
    web.files["/python.tar.gz"] = b"archive"
    uv_that(bare, interpreter, f"{web.base}/python.tar.gz")
    found = from_uv(step)
    assert found
    assert found.python == interpreter.python
    assert web.asked == ["HEAD /python.tar.gz"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/python.tar.gz", "{base}/missing"])
def test_uv_is_not_told_to_fetch_where_its_host_has_nothing(
    url: str, interpreter: Interpreter, bare: Path, step: Step, web: Web
) -> None:
    uv_that(bare, interpreter, url.format(base=web.base))
    assert from_uv(step) is None
    assert not (bare / "there").exists()


def test_a_fetch_by_uv_that_fails_is_told_and_skipped(
    interpreter: Interpreter, bare: Path, step: Step, web: Web, screen: io.StringIO
) -> None:
    web.files["/python.tar.gz"] = b"archive"
    uv_that(bare, interpreter, f"{web.base}/python.tar.gz", install="echo no >&2; exit 1")
    assert from_uv(step) is None
    assert "skipped: uv's Python: uv failed with exit code 1" in screen.getvalue()


def test_what_was_built_once_is_there_at_once(interpreter: Interpreter, tmp_path: Path) -> None:
    screen = io.StringIO()
    again = obtain(Steps(1, tmp_path / "log", stream=screen))
    assert again.python == interpreter.python
    assert screen.getvalue().startswith(f"[1/1] free-threaded CPython   {interpreter.version}t, ")


def test_a_named_row_is_never_replaced_by_something_found(
    empty_cache: Path, interpreter: Interpreter, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class BuildingError(Exception):
        pass

    def refuse(*_: object) -> None:
        raise BuildingError

    monkeypatch.setenv("WORKSHOP_PYTHON", str(interpreter.python))
    monkeypatch.setattr("images.interpreter.build_into_cache", refuse)
    with pytest.raises(BuildingError):
        obtain(Steps(1, tmp_path / "log"), "3.13.5t")


def test_an_interpreter_of_another_series_is_refused(interpreter: Interpreter, bare: Path, step: Step) -> None:
    (bare / "python3.14t").symlink_to(interpreter.python)
    assert from_path(step, (3, 14)) is None
    assert "not 3.14" in step.log.read_text()
