from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from foundation.problem import Problem
from images.cpython.toolchain import HEADERS, Need, has_header, install_line, require_toolchain

LIBRARIES = (
    "libssl-dev libffi-dev libsqlite3-dev libreadline-dev libncurses-dev liblzma-dev libbz2-dev zlib1g-dev uuid-dev"
)


@pytest.fixture
def someone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who is not root, on Ubuntu."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "ubuntu", "ID_LIKE": "debian"})


@pytest.mark.usefixtures("someone")
def test_all_that_is_missing_is_named_at_once_with_the_line_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Problem) as caught:
        require_toolchain("CPython", HEADERS, otherwise="or set WORKSHOP_PYTHON")
    found, expected, *do = str(caught.value).splitlines()
    assert found.startswith(
        "found:    CPython cannot be compiled here; not found: gcc, g++, make, openssl/ssl.h, ffi.h,"
    )
    assert expected == "expected: a C and C++ compiler, make, the headers of the libraries that Python uses"
    assert do == [
        f"do this:  sudo apt-get update && sudo apt-get install --yes build-essential {LIBRARIES}",
        "          or set WORKSHOP_PYTHON",
    ]


@pytest.mark.usefixtures("someone")
def test_one_missing_header_names_its_package_alone() -> None:
    with pytest.raises(Problem, match=r"not found: workshop/none\.h") as caught:
        require_toolchain(
            "CPython", [Need("zlib.h", "zlib1g-dev", "zlib-devel"), Need("workshop/none.h", "none-dev", "")]
        )
    assert caught.value.do == "sudo apt-get update && sudo apt-get install --yes none-dev"


def test_headers_are_found_wherever_the_compiler_finds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not has_header("workshop/own.h")
    (tmp_path / "workshop").mkdir()
    (tmp_path / "workshop" / "own.h").touch()
    monkeypatch.setenv("C_INCLUDE_PATH", str(tmp_path))
    assert has_header("workshop/own.h")


def test_this_machine_can_compile() -> None:
    require_toolchain("CPython", HEADERS)


NEEDS = [Need("gcc", "build-essential", "gcc"), Need("make", "build-essential", "make")]


@pytest.mark.parametrize(
    ("release", "line"),
    [
        ({"ID": "debian"}, "apt-get update && apt-get install --yes build-essential"),
        ({"ID": "rocky", "ID_LIKE": "rhel centos fedora"}, "dnf install gcc make"),
        ({"ID": "arch"}, "install what Debian calls build-essential"),
    ],
)
def test_the_line_fits_the_distribution_and_root_needs_no_sudo(
    release: dict[str, str], line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: release)
    assert install_line(NEEDS) == line
