from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from foundation.steps import Step
from images.cpython import build
from images.cpython.build import build_environment, keep_test_support, remove_unused, unpack
from images.interpreter import Interpreter


def test_what_decides_the_build_imports_nothing_of_ours(tmp_path: Path) -> None:
    alone = tmp_path / "build.py"  # as an image's layer has it
    alone.write_text(Path(build.__file__).read_text())
    done = subprocess.run([sys.executable, "-I", alone, "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


CONFIGURE = """#!/bin/sh
echo "$@" > options
cat > Makefile <<'END'
all:
\ttouch compiled
install:
\tmkdir -p "$(DESTDIR)$(PREFIX)/bin" "$(LIBRARY)/idlelib" "$(LIBRARY)/turtledemo"
\tcp options "$(DESTDIR)$(PREFIX)/bin/python3.13t"
END
for word in "$@"; do case $word in --prefix=*) prefix=${word#--prefix=};; esac; done
printf 'PREFIX = %s\nLIBRARY = $(DESTDIR)$(PREFIX)/lib/python3.13t\n' "$prefix" >> Makefile
"""


@pytest.fixture
def toy_release(tmp_path: Path) -> Path:
    """A source that is configured, made and installed as CPython's is, in no time; its python is what configure got."""
    tree = tmp_path / "Python-3.13.99"
    (tree / "Lib/test/support").mkdir(parents=True)
    (tree / "Lib/test/__init__.py").touch()
    (tree / "configure").write_text(CONFIGURE)
    (tree / "configure").chmod(0o755)
    with tarfile.open(tmp_path / "Python-3.13.99.tar.xz", "w:xz") as archive:
        archive.add(tree, tree.name)
    return tmp_path / "Python-3.13.99.tar.xz"


def test_as_a_program_it_makes_the_whole_prefix_and_leaves_nothing_beside_it(toy_release: Path, tmp_path: Path) -> None:
    prefix = tmp_path / "opt" / "cpython"
    prefix.parent.mkdir()
    words: list[str | Path] = ["--source", toy_release, "--prefix", prefix, "--pgo"]
    done = subprocess.run([sys.executable, build.__file__, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    got = (prefix / "bin/python3.13t").read_text().split()
    assert got == [f"--prefix={prefix}", *build.CONFIGURE, *build.PGO]
    assert "-- compiling with PGO and LTO" in done.stdout
    assert sorted(path.name for path in (prefix / "lib/python3.13t").iterdir()) == ["test"]
    assert list(prefix.parent.iterdir()) == [prefix]


def test_as_a_step_it_makes_the_folder_that_the_cache_renames(toy_release: Path, tmp_path: Path, step: Step) -> None:
    (tmp_path / "work").mkdir()
    made = build.build(toy_release, tmp_path / "work", Path("/final/cpython"), pgo=False, step=step)
    assert made == tmp_path / "work/root/final/cpython"
    assert (made / "bin/python3.13t").read_text().split() == ["--prefix=/final/cpython", *build.CONFIGURE]


def test_a_tarball_unpacks_to_its_one_top_folder(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "source.tar.xz", "w:xz") as archive:
        entry = tarfile.TarInfo("Python-3.13.15/configure")
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"#!x"))
    tree = unpack(tmp_path / "source.tar.xz", tmp_path)
    assert tree == tmp_path / "Python-3.13.15"
    assert (tree / "configure").read_bytes() == b"#!x"


def test_the_build_is_not_steered_by_the_persons_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONPATH", "PYTHON_GIL", "CFLAGS", "MAKEFLAGS", "DESTDIR"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("CC", "gcc-13")
    environment = build_environment()
    assert environment["CC"] == "gcc-13"
    assert not {"PYTHONPATH", "PYTHON_GIL", "CFLAGS", "MAKEFLAGS", "DESTDIR"} & environment.keys()


def test_of_the_tests_only_their_support_is_installed(tmp_path: Path) -> None:
    for name in ("test/__init__.py", "test/test_json.py", "test/support/__init__.py"):
        (tmp_path / "tree" / "Lib" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / "Lib" / name).touch()
    library = tmp_path / "library"
    library.mkdir()
    keep_test_support(tmp_path / "tree", library)
    installed = sorted(str(path.relative_to(library)) for path in library.rglob("*.py"))
    assert installed == ["test/__init__.py", "test/support/__init__.py"]


def test_what_nobody_needs_is_removed_and_the_rest_stays(tmp_path: Path) -> None:
    library = tmp_path / "lib"
    for name in (
        "bin/idle3.13",
        "bin/python3.13t",
        "lib/idlelib/idle.py",
        "lib/turtledemo/clock.py",
        "lib/json/__pycache__/decoder.cpython-313.pyc",
        "lib/json/__pycache__/decoder.cpython-313.opt-1.pyc",
        "lib/json/__pycache__/decoder.cpython-313.opt-2.pyc",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    remove_unused(tmp_path, library)
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["bin/python3.13t", "lib/json/__pycache__/decoder.cpython-313.pyc"]


@pytest.mark.timeout(1800)
def test_what_was_built_knows_the_place_that_it_was_renamed_to(interpreter: Interpreter) -> None:
    if not interpreter.origin.startswith("built"):
        pytest.skip(f"the interpreter was not built here: {interpreter.origin}")
    program = "import json, sysconfig as s, test.support; print(json.dumps([s.get_config_vars(), s.get_paths()]))"
    done = subprocess.run([interpreter.python, "-c", program], capture_output=True, text=True, check=True)
    variables, paths = json.loads(done.stdout)
    prefix = interpreter.python.parent.parent
    assert variables["prefix"] == variables["exec_prefix"] == str(prefix)
    assert Path(variables["LIBDIR"]) == prefix / "lib"
    assert (Path(paths["include"]) / "Python.h").is_file()
    assert "-fno-omit-frame-pointer" in variables["CFLAGS"]
    assert not list(prefix.rglob("libpython*.a"))
    assert "partial" not in (prefix / "bin" / "python3.13t-config").read_text()
