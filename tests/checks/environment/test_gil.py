from __future__ import annotations

from pathlib import Path

import pytest

from checks.environment.environment import Environment
from checks.environment.gil import (
    forced,
    imports,
    judge_forced,
    judge_imports,
    judge_off,
    off,
    word_faults,
    word_forced,
    word_imports,
)
from checks.environment.imports import Import, Outcome
from checks.environment.interpreter import Build
from checks.suite import Failed, Found, Inconclusive
from tests.checks.environment.fakes import compile_extension, environment_of, install, virtual_environment

WARNING = (
    "RuntimeWarning: The global interpreter lock (GIL) has been enabled to load module 'culprit._core', which has not "
    "declared that it can run safely without the GIL."
)


@pytest.mark.parametrize(
    ("environ", "option", "expected"),
    [
        ({}, None, None),
        ({"PYTHON_GIL": ""}, None, None),  # CPython passes over an empty variable
        ({"PYTHON_GIL": "0"}, None, ("PYTHON_GIL", "0")),
        ({"PYTHON_GIL": "1"}, None, ("PYTHON_GIL", "1")),
        ({}, "0", ("-X gil", "0")),
        ({"PYTHON_GIL": "0"}, "1", ("-X gil", "1")),  # the option wins
    ],
)
def test_either_value_forces(environ: dict[str, str], option: str | None, expected: tuple[str, str] | None) -> None:
    assert judge_forced(environ, option) == expected


def test_why_forcing_hides_culprits_is_said() -> None:
    assert word_forced("PYTHON_GIL", "0") == (
        "PYTHON_GIL=0 keeps the GIL off by force: a module that is not safe without it is no longer noticed"
    )
    assert "keeps the GIL on by force" in word_forced("-X gil", "1")


def test_a_forced_gil_fails_and_an_unforced_passes(lab_python: Path, tmp_path: Path) -> None:
    assert forced.run(environment_of(lab_python, tmp_path)) == "PYTHON_GIL unset, no -X gil"
    with pytest.raises(Failed, match="PYTHON_GIL=0"):
        forced.run(environment_of(lab_python, tmp_path, environ={"PYTHON_GIL": "0"}))
    with pytest.raises(Failed, match="-X gil=1"):
        forced.run(environment_of(lab_python, tmp_path, gil_option="1"))


def test_what_turned_it_on_at_the_start_is_named() -> None:
    assert judge_off(Build("3.13.15", True, False, "")) is None
    assert "`culprit._core` turned the GIL on" in str(judge_off(Build("3.13.15", True, True, WARNING)))
    assert "nothing says why" in str(judge_off(Build("3.13.15", True, True, "")))


def test_a_pth_file_that_turns_the_gil_on_is_caught(lab_python: Path, tmp_path: Path) -> None:
    environment = virtual_environment(lab_python, tmp_path / "env")
    assert off.run(environment) == "off, with PYTHON_GIL unset"
    compile_extension(environment, "culprit.so", is_declared=False)
    (environment.site_packages / "start.pth").write_text("import culprit\n")
    with pytest.raises(Failed, match="`culprit` turned the GIL on at the start of Python"):
        off.run(environment)


def test_one_culprit_is_one_fault_however_many_import_it() -> None:
    tried = [
        Import("torch", Outcome.GIL_ON, module="triton._C.libtriton"),
        Import("triton", Outcome.GIL_ON, module="triton._C.libtriton"),
        Import("numpy", Outcome.GIL_OFF, imported=("numpy",)),
    ]
    assert judge_imports(tried) == ["`triton._C.libtriton` turned the GIL on (by importing torch, triton)"]


def test_every_other_fault_is_worded() -> None:
    tried = [
        Import("a", Outcome.CRASHED, module="a._core", why="the process was ended by SIGSEGV"),
        Import("b", Outcome.HUNG, module="b"),
        Import("c", Outcome.NOT_IMPORTED, module="c", why="ImportError: no"),
    ]
    assert judge_imports(tried) == [
        "importing `a._core` (a) crashed: the process was ended by SIGSEGV",
        "importing `b` (b) did not end in time",
        "`c` (c) cannot be imported: ImportError: no",
    ]


def test_a_tool_may_turn_it_on_but_only_by_its_own_module() -> None:
    own = Import("pystack", Outcome.GIL_ON, module="pystack._pystack")
    assert judge_imports([own]) == []
    assert word_imports([own]).endswith("on in pystack, a tool: run it by itself, do not import it")
    assert judge_imports([Import("pystack", Outcome.GIL_ON, module="other._core")])
    assert judge_imports([Import("user", Outcome.GIL_ON, module="pystack._pystack")])


def test_of_many_faults_the_first_are_shown() -> None:
    assert word_faults(["one", "two"]) == "one; two"
    assert word_faults([str(number) for number in range(9)]) == "0; 1; 2; 3; 4; 5; and 3 more"


@pytest.fixture
def environment(lab_python: Path, tmp_path: Path) -> Environment:
    made = virtual_environment(lab_python, tmp_path / "env", lock="clean==1.0\nuser==1.0\n")
    install(made, "clean", {"clean/__init__.py": ""})
    install(made, "user", {"user/__init__.py": "from user import _core", "user/_core.so": ""})
    return made


def test_a_culprit_in_the_lock_fails_by_its_name(environment: Environment) -> None:
    compile_extension(environment, "user/_core.so", is_declared=False)
    with pytest.raises(Failed) as failed:
        imports.run(environment)
    assert failed.value.found == "`user._core` turned the GIL on (by importing user)"


def test_what_was_imported_is_counted(environment: Environment) -> None:
    compile_extension(environment, "user/_core.so", is_declared=True)
    found = imports.run(environment)
    assert isinstance(found, Found)
    assert found.text == "off after each of 2 packages (3 modules, with all extension modules)"
    assert found.details["imported"]["user"] == ["user", "user._core"]


def test_nothing_imported_is_no_pass(lab_python: Path, tmp_path: Path) -> None:
    with pytest.raises(Inconclusive, match="nothing to import"):
        imports.run(environment_of(lab_python, tmp_path, lock="numpy==2.4.6\n"))
