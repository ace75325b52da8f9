"""What `up` and `test` need of this machine: all is looked at, no more than that is asked for, in one message."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.packages import BY_RELEASE, IN_ALL
from foundation.problem import Problem
from foundation.steps import Step, Steps
from images.cpython import toolchain
from images.interpreter import Interpreter, from_variable
from images.lab import environment as lab
from images.versions import versions
from images.wheels import wheelhouse
from provisioning.here import needs, venv
from provisioning.here.needs import (
    COMPILER,
    ENGINE,
    UP,
    VENV,
    Found,
    Lack,
    Room,
    Way,
    judge,
    of_tests,
    problem,
    provide,
)
from provisioning.here.place import CLONE, Place

ALL_FOR_CPYTHON = {*COMPILER, *toolchain.HEADERS, needs.CERTIFICATES}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a machine without a free-threaded Python and without uv."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere" / "python"))
    for name in ("WORKSHOP_PYTHON", "LAB_PYTHON"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "bin").mkdir()
    root = tmp_path / "xdg" / "gilfree"
    root.mkdir(parents=True)
    return root


@pytest.fixture
def interpreter(cache: Path, lab_python: Path, monkeypatch: pytest.MonkeyPatch) -> Interpreter:
    """One that is found, because WORKSHOP_PYTHON names it."""
    monkeypatch.setenv("WORKSHOP_PYTHON", str(lab_python))
    found = from_variable()
    assert found
    return found


@pytest.fixture
def fresh(tmp_path: Path) -> Place:
    """A clone in which nothing has been made."""
    return Place(tmp_path / "state", tmp_path / "home", clone=_clone(tmp_path / "clone"))


def _clone(folder: Path) -> Path:
    shutil.copytree(CLONE / "images" / "locks", folder / "images" / "locks")
    return folder


def make_venv(place: Place, lock: str) -> None:
    place.venv_python.parent.mkdir(parents=True)
    place.venv_python.symlink_to(os.path.realpath("/proc/self/exe"))
    (place.clone / ".venv" / "installed.json").write_text(json.dumps(venv._wanted(place, lock)))


def wanted(place: Place, step: Step, way: Way = UP) -> set[str]:
    return {thing for part in needs.to_make(way, place, step) for thing in part.needs}


def test_a_fresh_machine_needs_a_venv_a_compiler_and_headers(cache: Path, fresh: Place, step: Step) -> None:
    assert wanted(fresh, step) == {VENV, *ALL_FOR_CPYTHON}


def test_with_venv_and_lab_environment_nothing_is_needed(
    cache: Path, fresh: Place, step: Step, interpreter: Interpreter
) -> None:
    make_venv(fresh, "hub")
    name = lab.environment_name(interpreter, lab.lock_of(interpreter))
    (cache / name / "bin").mkdir(parents=True)
    (cache / name / "bin" / "python").touch()
    assert needs.to_make(UP, fresh, step) == []


def test_a_venv_that_a_newer_lock_outdates_needs_no_package(cache: Path, fresh: Place, step: Step) -> None:
    make_venv(fresh, "hub")
    assert VENV not in wanted(fresh, step, of_tests([], CLONE))


def test_a_found_interpreter_needs_a_compiler_only_if_wheels_have_to_be_made(
    cache: Path, fresh: Place, step: Step, interpreter: Interpreter
) -> None:
    assert wheelhouse.lacks_wheels(interpreter.version)
    assert wanted(fresh, step) == {VENV, *COMPILER}
    (cache / wheelhouse.wheelhouse_name()).mkdir()
    assert wanted(fresh, step) == {VENV}


def test_a_found_3_14t_needs_no_compiler(
    cache: Path, fresh: Place, step: Step, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = Interpreter(tmp_path / "python3.14t", "3.14.7", "found")
    monkeypatch.setattr("images.interpreter.without_building", lambda _step, _row: there)
    assert not wheelhouse.lacks_wheels(there.version)
    assert wanted(fresh, step) == {VENV}


def test_a_3_14t_that_has_to_be_built_needs_one(
    cache: Path, fresh: Place, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_PYTHON", "3.14t")
    assert wanted(fresh, step) == {VENV, *ALL_FOR_CPYTHON}
    assert len(needs.to_make(UP, fresh, step)) == 3  # no wheels
    monkeypatch.setenv("LAB_PYTHON", versions().lab_python)
    assert len(needs.to_make(UP, fresh, step)) == 4


EVERYTHING = {thing for things in needs.OF_TESTS.values() for thing in things} - {needs.LAB}


@pytest.mark.parametrize(
    ("arguments", "things", "in_lab"),
    [
        (["tests/hub"], {"git"}, False),
        (["tests/hub/test_seats.py::test_x", "-q"], {"git"}, False),
        (["tests/e2e", "-k", "hub"], {"git", "chromium"}, True),
        (["tests/e2e", "tests/hub", "-m", "not e2e"], {"git"}, True),
        (["tests/labs", "-m", "not lab_env"], {"git", *COMPILER}, False),
        (["tests/hosts/test_apply.py"], {"git", *ENGINE, "ssh", "ssh-keygen", "openssl"}, False),
        (["-m", "not docker"], EVERYTHING - {*ENGINE}, True),
        (["-m", "not lab_env and not docker"], EVERYTHING - {*ENGINE}, False),
        (["-m", "docker"], EVERYTHING, True),
        ([], EVERYTHING, True),
    ],
)
def test_tests_need_what_their_folders_and_markers_need(arguments: list[str], things: set[str], in_lab: bool) -> None:
    way = of_tests(arguments, CLONE)
    assert set(way.things) == things
    assert way.in_lab == in_lab


def test_without_a_lab_environment_nothing_has_to_be_there_to_make_one(cache: Path, fresh: Place, step: Step) -> None:
    assert wanted(fresh, step, of_tests(["tests/hub"], CLONE)) == {VENV}


COLLECTS = """
import json, sys
from pathlib import Path
import pytest
class Markers:
    def pytest_collection_finish(self, session):
        each = {(item.nodeid.partition("::")[0], mark.name) for item in session.items for mark in item.iter_markers()}
        Path(sys.argv[1]).write_text(json.dumps(sorted(each)))
pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider"], plugins=[Markers()])
"""


def test_each_file_of_tests_is_known_for_what_its_markers_need(tmp_path: Path) -> None:
    found = tmp_path / "found.json"
    subprocess.run([sys.executable, "-c", COLLECTS, found], cwd=CLONE, capture_output=True, check=True)
    marked = [(file, marker) for file, marker in json.loads(found.read_text()) if marker in needs.OF_MARKERS]
    assert {marker for _, marker in marked} == {*needs.OF_MARKERS}
    for file, marker in marked:
        way = of_tests([file], CLONE)
        have = {*way.things, *([needs.LAB] if way.in_lab else [])}
        assert have >= {*needs.OF_MARKERS[marker]}, file


def test_each_folder_of_tests_that_makes_keys_is_known_for_it() -> None:
    files = {file for file in CLONE.glob("tests/*/**/test_*.py") if '"ssh-keygen"' in file.read_text()}
    folders = {f"tests/{file.relative_to(CLONE / 'tests').parts[0]}" for file in files - {Path(__file__)}}
    assert folders
    assert [folder for folder in folders if "ssh-keygen" not in needs.OF_TESTS[folder]] == []


def test_each_thing_has_a_package() -> None:
    things = {*ALL_FOR_CPYTHON, VENV, *(thing for way in (of_tests([], CLONE), needs.BENCH) for thing in way.things)}
    assert things <= {*IN_ALL, *BY_RELEASE}


def test_what_is_missing_is_found_out_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert needs.missing(["git", *COMPILER, "zlib.h"]) == []
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert needs.missing(["git", "chromium", "make", "zlib.h", VENV]) == [
        "git", "chromium", "make", "zlib.h", VENV, toolchain.LIBC,
    ]  # fmt: skip
    (tmp_path / "google-chrome").touch(0o755)
    assert needs.missing(["chromium"]) == []


def test_certificates_that_nobody_trusts_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert needs.missing([needs.CERTIFICATES]) == [needs.CERTIFICATES]
    (tmp_path / "none").touch()
    assert needs.missing([needs.CERTIFICATES]) == []


def test_parts_of_an_engine_are_for_whoever_would_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(needs, "ADMINS", ())
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert needs.missing(ENGINE) == list(ENGINE)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert needs.missing(ENGINE) == []


def test_enough_of_everything_lacks_nothing(tmp_path: Path) -> None:
    assert judge(Found(rooms=(Room(tmp_path, 1500, 1500),), memory_free_mb=UP.memory_mb), UP) == []


def test_parts_in_one_folder_are_made_one_after_the_other_and_folders_on_one_disk_add_up(tmp_path: Path) -> None:
    cache, clone = tmp_path / "cache", tmp_path / "clone"
    rooms = (Room(clone, 600, 2000, disk=1), Room(cache, 1500, 2000, disk=1), Room(cache, 1200, 2000, disk=1))
    (lack,) = judge(Found(rooms=rooms), UP)
    assert lack.found == f"too little disk: 2000 MB are free where {clone} and {cache} are"
    assert lack.expected == "2100 MB there"
    elsewhere = (rooms[0], Room(cache, 1500, 2000, disk=2))
    assert judge(Found(rooms=elsewhere), UP) == []


def test_a_python_of_ones_own_without_venv_is_not_mended_by_a_package() -> None:
    (lack,) = judge(Found(missing=(VENV,), venv_package="python3.12-venv"), UP)
    assert lack.package == "python3.12-venv"
    (lack,) = judge(Found(missing=(VENV,)), UP)
    assert not lack.package
    assert "/usr/bin/python3" in lack.do


def test_one_message_names_everything_with_one_line_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "install_line", lambda names, **_: f"LINE {' '.join(names)}")
    lacks = [Lack("gcc", "", "build-essential"), Lack("make", "", "build-essential"), Lack("ffi.h", "", "libffi-dev")]
    disk = Lack("too little disk: 7 MB", "900 MB there", do="free some space")
    assert str(problem(UP, [*lacks, disk], "not installed: you did not say yes")).splitlines() == [
        "found:    not on this machine: gcc, make, ffi.h",
        "          too little disk: 7 MB",
        "          not installed: you did not say yes",
        "expected: all that ./workshop up needs, before it begins",
        "          900 MB there",
        "do this:  LINE build-essential libffi-dev",
        "          free some space",
        "          then the same command again",
    ]


def provided(way: Way, place: Place, tmp_path: Path) -> str:
    """What is on the screen."""
    screen = io.StringIO()
    provide(way, place, Steps(1, tmp_path / "log", stream=screen), yes=False)
    return screen.getvalue()


def test_nobody_is_asked_if_nothing_is_missing(fresh: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "to_make", lambda *_: [])
    assert provided(UP, fresh, tmp_path) == "[1/1] what ./workshop up needs of this machine   all there\n"


def test_without_a_compiler_it_is_said_which_labs_compile_c(
    fresh: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(needs, "to_make", lambda *_: [])
    (fresh.clone / "labs" / "lab90_c").mkdir(parents=True)
    (fresh.clone / "labs" / "lab90_c" / "fast.c").touch()
    assert "compiler" not in provided(UP, fresh, tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "without a C compiler lab90 cannot be checked: " in provided(UP, fresh, tmp_path)


def test_nobody_is_asked_to_install_if_something_else_is_in_the_way_too(
    fresh: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(needs, "to_make", lambda *_: [needs.Part(("git",), tmp_path, 10**9)])
    monkeypatch.setattr(needs, "_is_here", lambda _: False)

    def ask(_packages: list[str], *, yes: bool) -> tuple[str, ...]:
        raise AssertionError("nobody should be asked")

    monkeypatch.setattr(needs, "permission", ask)
    with pytest.raises(Problem) as caught:
        provided(UP, fresh, tmp_path)
    assert "not on this machine: git" in caught.value.found
    assert "too little disk" in caught.value.found
    assert "install --yes --no-install-recommends git" in caught.value.do


def test_a_refusal_says_why_and_what_to_type(fresh: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "to_make", lambda *_: [needs.Part(("git", "make"), tmp_path, 1)])
    monkeypatch.setattr(needs, "_is_here", lambda _: False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "apt-get").touch(0o755)
    with pytest.raises(Problem) as caught:
        provided(UP, fresh, tmp_path)
    assert caught.value.found.endswith("not installed: you are not root, and there is no sudo")
    packages = "build-essential git"
    assert caught.value.do.startswith(
        f"as root: apt-get update && apt-get install --yes --no-install-recommends {packages}\n"
    )
