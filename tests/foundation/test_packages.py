"""The table of packages: each thing has a name in each release, and the line to type fits whoever types it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.packages import BY_RELEASE, IN_ALL, RELEASES, install_line, package, release, venv_package
from tests.conftest import ROOT

THINGS = sorted({*IN_ALL, *BY_RELEASE})


@pytest.mark.parametrize("of", RELEASES)
def test_each_thing_has_a_package_in_each_release(of: str) -> None:
    assert [thing for thing in THINGS if not package(thing, of)] == []


# Not tested on a machine here: these releases' own lists of packages say so.
@pytest.mark.parametrize(
    ("of", "names"),
    [
        ("debian 12", ("python3", "python3-venv", "chromium")),
        ("debian 13", ("python3", "python3-venv", "chromium")),
        ("ubuntu 22.04", ("python3.11", "python3.11-venv", "chromium-browser")),  # its python3 is 3.10
        ("ubuntu 24.04", ("python3", "python3-venv", "chromium-browser")),
    ],
)
def test_what_is_not_the_same_in_all_releases(of: str, names: tuple[str, ...]) -> None:
    assert tuple(package(thing, of) for thing in ("python", "venv", "chromium")) == names


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"ID": "debian", "VERSION_ID": "12"}, "debian 12"),
        ({"ID": "debian"}, "debian 13"),  # testing has no number
        ({"ID": "ubuntu", "ID_LIKE": "debian", "VERSION_ID": "22.04"}, "ubuntu 22.04"),
        ({"ID": "pop", "ID_LIKE": "ubuntu debian", "VERSION_ID": "22.04"}, "ubuntu 22.04"),
        ({"ID": "linuxmint", "ID_LIKE": "ubuntu debian", "VERSION_ID": "22"}, "ubuntu 24.04"),
        ({"ID": "fedora", "VERSION_ID": "43"}, ""),
        ({}, ""),
    ],
)
def test_the_release_is_that_of_the_system_or_the_newest_of_its_family(said: dict[str, str], expected: str) -> None:
    assert release(said) == expected


def test_the_package_of_venv_is_that_of_the_running_python() -> None:
    assert venv_package((3, 12)) == "python3.12-venv"


@pytest.fixture
def someone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Somebody who is not root; the folder that is their PATH."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_the_line_is_typed_as_root_with_sudo_or_by_root(someone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install = "apt-get install --yes --no-install-recommends make git"
    assert install_line(["make", "git", "make"], "debian 12") == f"as root: apt-get update && {install}"
    (someone / "sudo").touch(0o755)
    assert install_line(["make", "git"], "debian 12") == f"sudo apt-get update && sudo {install}"
    assert install_line(["make", "git"], "debian 12", sudo=False).startswith("as root: apt-get update")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert install_line(["make", "git"], "debian 12") == f"apt-get update && {install}"


def test_another_system_is_told_what_debian_calls_it() -> None:
    assert install_line(["make", "git"], "") == "install what Debian calls make git"


@pytest.mark.parametrize("module", ["foundation/packages.py", "provisioning/here/newer_python.py"])
def test_what_looks_for_a_newer_python_is_fit_for_python_3_10(module: str, tmp_path: Path) -> None:
    """mypy knows what each release's standard library has."""
    words = ["--python-version", "3.10", "--cache-dir", str(tmp_path), module]
    done = subprocess.run([sys.executable, "-m", "mypy", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
