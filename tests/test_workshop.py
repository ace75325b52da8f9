"""The entry script: help, mistyped commands, exit codes, old Pythons."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from provisioning.here.place import CLONE

SCRIPT = CLONE / "workshop"


def workshop(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, *words], env={**os.environ, **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",), ("help",)])
def test_help_lists_the_commands_by_user(words: tuple[str, ...]) -> None:
    done = workshop(*words)
    assert done.returncode == 0
    parts = re.split(r"^For the (\w+)$", done.stdout, flags=re.MULTILINE)
    assert parts[1::2] == ["attendee", "organiser", "author"]


def test_every_command_is_in_the_help_and_every_line_of_the_help_is_a_command() -> None:
    listed = set(re.findall(r"^  (\w+)", workshop("--help").stdout, flags=re.MULTILINE))
    expected = re.search(r"one of (.*)", workshop("x").stderr)
    assert expected is not None
    assert listed == set(expected[1].split(", "))


@pytest.mark.parametrize(
    ("typed", "meant"), [("statsu", "status"), ("chekc", "check"), ("labs", "lab"), ("don", "down")]
)
def test_a_mistyped_command_gets_a_suggestion(typed: str, meant: str) -> None:
    done = workshop(typed)
    assert done.returncode == 2
    assert f"there is no command '{typed}'" in done.stderr
    assert f"./workshop {meant}\n" in done.stderr


def test_a_command_like_no_other_is_sent_to_the_help() -> None:
    assert "./workshop --help" in workshop("frobnicate").stderr


@pytest.mark.parametrize(
    "words", [("up", "--prot", "1"), ("up", "--port", "x"), ("up", "--port", "70000"), ("down", "now")]
)
def test_wrong_options_are_a_usage_error(words: tuple[str, ...], tmp_path: Path) -> None:
    done = workshop(*words, WORKSHOP_STATE=str(tmp_path / "state"))
    assert done.returncode == 2
    assert "usage: workshop" in done.stderr
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("words", [("check",), ("lab", "check", "03")])
def test_without_a_lab_environment_the_way_to_get_it_is_told(words: tuple[str, ...], tmp_path: Path) -> None:
    done = workshop(*words, WORKSHOP_STATE=str(tmp_path))
    assert done.returncode == 3
    assert "do this:  ./workshop up" in done.stderr


def test_a_state_folder_that_cannot_be_written_is_a_problem_not_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = workshop("up", WORKSHOP_STATE=str(tmp_path / "file" / "state"))
    assert done.returncode == 3
    assert "WORKSHOP_STATE" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_stops_reading_is_no_error(tmp_path: Path) -> None:
    command = f"'{sys.executable}' '{SCRIPT}' status | true"
    done = subprocess.run(
        ["sh", "-c", command], env={**os.environ, "WORKSHOP_STATE": str(tmp_path)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stderr == ""


def test_the_script_can_be_read_by_python_3_6() -> None:
    import ast

    ast.parse(SCRIPT.read_text(), feature_version=(3, 6))


OLD = """
import os, platform, runpy, sys
sys.argv = sys.argv[1:]
sys.version_info = ({version}, 1, "final", 0)
os.geteuid = lambda: 1000
platform.freedesktop_os_release = lambda: dict(ID="ubuntu", VERSION_ID="22.04")
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def old_python(path: Path, *words: str, version: str = "3, 10") -> subprocess.CompletedProcess[str]:
    """The script, run by a Python that says that it is an old one, on Ubuntu 22.04, by somebody who is not root."""
    return subprocess.run(
        [sys.executable, "-c", OLD.format(version=version), SCRIPT, *words], env={**os.environ, "PATH": str(path)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def put(folder: Path, command: str, script: str) -> None:
    (folder / command).write_text(f"#!/bin/sh\n{script}\n")
    (folder / command).chmod(0o755)


@pytest.mark.parametrize("version", ["3, 8", "3, 10"])
def test_an_old_python_with_no_other_on_path_is_told_what_to_install(tmp_path: Path, version: str) -> None:
    done = old_python(tmp_path, "status", version=version)
    assert done.returncode == 3
    assert f"found:    Python {version.replace(', ', '.')}.1" in done.stderr
    assert "python3.11 python3.11-venv" in done.stderr if version == "3, 10" else "python3 python3-venv" in done.stderr


def test_where_it_may_not_install_it_names_all_that_a_fresh_machine_lacks(tmp_path: Path) -> None:
    put(tmp_path, "apt-get", "")
    done = old_python(tmp_path, "up")
    assert done.returncode == 3
    assert "as root: apt-get update && apt-get install" in done.stderr
    for package in ("python3.11", "python3.11-venv", "build-essential", "libffi-dev"):
        assert f" {package}" in done.stderr
    assert "(not installed: you are not root, and there is no sudo)" in done.stderr


def test_an_old_python_installs_a_newer_one_and_goes_on_in_it(tmp_path: Path) -> None:
    put(tmp_path, "apt-get", "")
    put(tmp_path, "env", "exit 0")  # what sudo runs
    newer = f"ln -s '{sys.executable}' '{tmp_path}/python3.11'"
    put(tmp_path, "sudo", f'printf "%s\\n" "$*" >>"{tmp_path}/log"; case "$*" in *install*) /bin/{newer};; esac')
    done = old_python(tmp_path, "up", "--yes", "--help")
    log = (tmp_path / "log").read_text()
    assert "-n env DEBIAN_FRONTEND=noninteractive apt-get update" in log
    assert "install --yes --no-install-recommends python3.11 python3.11-venv build-essential" in log
    assert done.returncode == 0
    assert "Start the workshop on this machine." in done.stdout


def test_an_old_python_goes_on_in_a_newer_one_on_path(tmp_path: Path) -> None:
    (tmp_path / "python3.12").symlink_to(sys.executable)
    done = old_python(tmp_path)
    assert done.returncode == 0
    assert "For the attendee" in done.stdout
