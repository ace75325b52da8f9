from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from foundation.packages import IN_ALL
from foundation.problem import Problem
from images.cpython.toolchain import COMMANDS, HEADERS, LIBC, has_header, missing, require_toolchain

LIBRARIES = (
    "libssl-dev libffi-dev libsqlite3-dev libreadline-dev libncurses-dev liblzma-dev libbz2-dev zlib1g-dev uuid-dev"
)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ubuntu for a person who is not root; the folder that is their PATH."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "ubuntu", "ID_LIKE": "debian"})
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "sudo").touch(0o755)
    return tmp_path


def test_all_that_is_missing_is_named_at_once_with_the_line_to_type(bare: Path) -> None:
    with pytest.raises(Problem) as caught:
        require_toolchain("CPython", HEADERS, otherwise="or set WORKSHOP_PYTHON")
    found, expected, *do = str(caught.value).splitlines()
    assert found.startswith(
        "found:    CPython cannot be compiled here; not found: gcc, g++, make, openssl/ssl.h, ffi.h,"
    )
    assert expected == "expected: a C and C++ compiler, make, the headers of the libraries that Python uses"
    install = "sudo apt-get install --yes --no-install-recommends"
    assert do == [
        f"do this:  sudo apt-get update && {install} build-essential {LIBRARIES}",
        "          or set WORKSHOP_PYTHON",
    ]


def test_each_of_them_has_a_package() -> None:
    assert {*COMMANDS, *HEADERS, LIBC} <= set(IN_ALL)


def test_one_missing_header_is_named_alone() -> None:
    assert missing(["zlib.h", "workshop/none.h"]) == ["workshop/none.h"]


def test_headers_are_found_wherever_the_compiler_finds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not has_header("workshop/own.h")
    (tmp_path / "workshop").mkdir()
    (tmp_path / "workshop" / "own.h").touch()
    monkeypatch.setenv("C_INCLUDE_PATH", str(tmp_path))
    assert has_header("workshop/own.h")


def test_this_machine_can_compile() -> None:
    require_toolchain("CPython", HEADERS)
