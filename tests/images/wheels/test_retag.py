from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from foundation.problem import Problem
from images.wheels.retag import python_symbols, retag

NAME = "thing-1.0-cp314-cp314t-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl"
WHEEL = "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp314-cp314t-manylinux_2_27_x86_64\n\n"


def library(folder: Path, source: str) -> bytes:
    """A shared library compiled from `source`."""
    target = folder / "library.so"
    command = ["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(target)]
    subprocess.run(command, input=source, text=True, check=True)
    return target.read_bytes()


def wheel(folder: Path, files: dict[str, bytes]) -> Path:
    """A wheel for 3.14t that holds `files`."""
    (folder / "original").mkdir()
    target = folder / "original" / NAME
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr("thing-1.0.dist-info/WHEEL", WHEEL)
        archive.writestr("thing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
        archive.writestr("thing-1.0.dist-info/RECORD", "stale,,\n")
    return target


def test_the_symbols_of_python_that_a_library_wants_are_found(tmp_path: Path) -> None:
    assert python_symbols(library(tmp_path, "int answer(void) { return 42; }")) == []
    source = "extern int Py_IsInitialized(void), _PyThing; int f(void) { return Py_IsInitialized() + _PyThing; }"
    assert sorted(python_symbols(library(tmp_path, source))) == ["Py_IsInitialized", "_PyThing"]


def test_a_wheel_without_symbols_of_python_gets_the_tag_of_3_13t_and_a_true_record(tmp_path: Path) -> None:
    content = library(tmp_path, "int answer(void) { return 42; }")
    made = retag(wheel(tmp_path, {"thing/__init__.py": b"", "thing/libthing.so": content}), tmp_path)
    assert made.name == "thing-1.0-cp313-cp313t-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl"
    with zipfile.ZipFile(made) as archive:
        assert archive.read("thing/libthing.so") == content
        tags = [line for line in archive.read("thing-1.0.dist-info/WHEEL").decode().splitlines() if "Tag" in line]
        listed = archive.read("thing-1.0.dist-info/RECORD").decode().splitlines()
    assert tags == ["Tag: cp313-cp313t-manylinux_2_27_x86_64", "Tag: cp313-cp313t-manylinux_2_28_x86_64"]
    assert len(listed) == 5
    assert "thing-1.0.dist-info/RECORD,," in listed


def test_a_wheel_bound_to_pythons_abi_is_refused_by_name(tmp_path: Path) -> None:
    content = library(tmp_path, "extern int Py_IsInitialized(void); int f(void) { return Py_IsInitialized(); }")
    with pytest.raises(Problem) as caught:
        retag(wheel(tmp_path, {"thing/_thing.so": content}), tmp_path)
    assert f"{NAME} is bound to its own Python ABI: thing/_thing.so: Py_IsInitialized" in str(caught.value)
    assert not list(tmp_path.glob("*.whl"))


def test_a_wheel_without_any_library_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no shared library found in it"):
        retag(wheel(tmp_path, {"thing/__init__.py": b""}), tmp_path)
