from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from images.cpython.selftest import judge, self_test
from images.interpreter import Interpreter

GOOD: dict[str, Any] = {
    "version": [3, 13, 15],
    "free_threaded": True,
    "gil_on": False,
    "failed": {},
    "header": True,
    "base": "/opt/bin/python3.13t",
}


def test_a_good_interpreter_has_nothing_against_it() -> None:
    tested = judge(GOOD)
    assert tested.trusted
    assert (tested.version, tested.base) == ("3.13.15", Path("/opt/bin/python3.13t"))


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"version": [3, 13, 4]}, "it is Python 3.13.4, older than 3.13.5"),
        ({"version": [3, 14, 0]}, "it is Python 3.14.0, not 3.13"),
        ({"free_threaded": False, "gil_on": True}, "it is not a free-threaded build (configure --disable-gil)"),
        ({"gil_on": True}, "its GIL is on although PYTHON_GIL is unset"),
        ({"failed": {"ssl": "No module named '_ssl'"}}, "it cannot import ssl: No module named '_ssl'"),
        ({"header": False}, "its headers are not installed (Python.h)"),
    ],
)
def test_each_reason_against_an_interpreter_is_told(facts: dict[str, Any], reason: str) -> None:
    assert judge({**GOOD, **facts}).reasons == (reason,)


def test_another_series_is_right_where_it_was_asked_for() -> None:
    assert judge({**GOOD, "version": [3, 14, 10]}, (3, 14)).trusted


def test_an_ordinary_python_is_rejected_with_a_reason() -> None:
    tested = self_test(Path(sys.executable))
    assert "it is not a free-threaded build (configure --disable-gil)" in tested.reasons


def test_what_does_not_start_is_rejected_with_a_reason(tmp_path: Path) -> None:
    assert self_test(tmp_path / "none").reasons == ("it does not start: No such file or directory",)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo nonsense", "it is not a working Python: exit code 0, nonsense"),
        ("echo 'lost: libssl.so' >&2; exit 127", "it is not a working Python: exit code 127, lost: libssl.so"),
        ("true", "it is not a working Python: exit code 0, it says nothing"),
        ("echo '[]'", "it is not a working Python: exit code 0, []"),
    ],
)
def test_what_is_no_python_is_rejected_with_what_it_said(script: str, reason: str, tmp_path: Path) -> None:
    python = tmp_path / "python3.13t"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    assert self_test(python).reasons == (reason,)


@pytest.mark.timeout(1800)
def test_the_workshops_interpreter_is_trusted_even_where_pythons_variables_are_set(
    interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_GIL", "1")
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    tested = self_test(interpreter.python)
    assert tested.reasons == ()
    assert tested.version == interpreter.version
