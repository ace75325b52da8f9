from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from foundation.problem import Problem
from labs import extension

SOURCE = """
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "tiny", .m_size = 0};
PyMODINIT_FUNC PyInit_tiny(void) { return PyModuleDef_Init(&module); }
"""
HAS_COMPILER = extension._compiler() and (Path(sysconfig.get_path("include")) / "Python.h").is_file()
needs_compiler = pytest.mark.skipif(not HAS_COMPILER, reason="there is no compiler or no Python.h here")


@pytest.fixture(autouse=True)
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("WORKSHOP_EXTENSIONS", raising=False)
    path = tmp_path / "tiny.c"
    path.write_text(SOURCE)
    return path


@needs_compiler
def test_a_built_module_is_imported_from_its_folder(source: Path) -> None:
    folder = extension.built(source).parent
    subprocess.run([sys.executable, "-c", "import tiny"], cwd=folder, check=True, stderr=subprocess.DEVNULL)


@needs_compiler
def test_it_is_compiled_once_and_anew_after_an_edit(source: Path) -> None:
    first = extension.built(source)
    made_at = first.stat().st_mtime_ns
    assert extension.built(source) == first
    assert first.stat().st_mtime_ns == made_at
    source.write_text(SOURCE + "/* edited */")
    assert extension.built(source) != first


@needs_compiler
def test_several_at_once_get_a_whole_library_and_leave_nothing_else(source: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        libraries = set(pool.map(lambda _: extension.built(source), range(4)))
    assert [[path.name for path in library.parent.iterdir()] for library in libraries] == [
        [library.name] for library in libraries
    ]


@needs_compiler
def test_what_was_made_beforehand_needs_no_compiler(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(extension.built(source).parent.parent, tmp_path / "image")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another"))
    monkeypatch.setenv("WORKSHOP_EXTENSIONS", str(tmp_path / "image"))
    monkeypatch.setattr(extension, "_compiler", lambda: None)
    assert extension.built(source).is_relative_to(tmp_path / "image")


@needs_compiler
def test_an_error_in_the_source_is_shown(source: Path) -> None:
    source.write_text("#include <Python.h>\nint broken(void) { return missing; }\n")
    with pytest.raises(Problem, match=r"tiny\.c does not compile\n.*error: .*missing"):
        extension.built(source)


def test_without_a_compiler_there_is_a_problem_that_says_so(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extension, "_compiler", lambda: None)
    with pytest.raises(Problem, match="there is no C compiler here"):
        extension.built(source)
