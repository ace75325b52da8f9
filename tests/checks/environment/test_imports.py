from __future__ import annotations

import json
from pathlib import Path

import pytest

from checks.environment.environment import Environment
from checks.environment.fresh import Ran
from checks.environment.imports import Import, Modules, Outcome, gather_imports, import_one, judge, modules_of
from checks.environment.packages import Installed, gather_installed
from tests.checks.environment.fakes import compile_extension, environment_of, install, virtual_environment


@pytest.mark.parametrize(
    ("files", "must", "may"),
    [
        (("pure/__init__.py", "pure/deep/part.py"), ("pure",), ()),
        (("single.py", "../../../bin/single"), ("single",), ()),
        (("two/__init__.py", "more/__init__.py", "_hidden/__init__.py"), ("more", "two"), ()),
        (("_only.cpython-313t-x86_64-linux-gnu.so",), ("_only",), ("_only",)),
        (
            ("PIL/__init__.py", "PIL/_imaging.cpython-313t-x86_64-linux-gnu.so", "pillow.libs/libjpeg-1a2b.so"),
            ("PIL",),
            ("PIL._imaging",),
        ),
        (("binding/__init__.py", "binding/lib/libllvm.so"), ("binding",), ()),
        (("data-1.0.dist-info/METADATA", "data/table.csv"), (), ()),
    ],
)
def test_what_is_imported_is_read_from_the_files(
    files: tuple[str, ...], must: tuple[str, ...], may: tuple[str, ...]
) -> None:
    assert modules_of(Installed("name", "1.0", files)) == Modules("name", must, may)


@pytest.fixture
def environment(lab_python: Path, tmp_path: Path) -> Environment:
    return virtual_environment(lab_python, tmp_path / "env")


def imported(environment: Environment, *, limit_s: float = 20) -> dict[str, Import]:
    found = (modules_of(each) for each in gather_installed(environment.site_packages))
    return {each.distribution: import_one(environment, each, limit_s) for each in found}


def test_the_module_that_turns_the_gil_on_is_named_however_deep_it_is(environment: Environment) -> None:
    install(environment, "outer", {"outer/__init__.py": "import outer.middle", "outer/middle.py": "import inner"})
    install(environment, "inner", {"inner/__init__.py": "from inner import _core", "inner/_core.so": ""})
    compile_extension(environment, "inner/_core.so", is_declared=False)
    found = imported(environment)
    assert found["outer"] == Import("outer", Outcome.GIL_ON, module="inner._core")
    assert found["inner"] == Import("inner", Outcome.GIL_ON, module="inner._core")


def test_it_is_named_where_the_package_silences_warnings(environment: Environment) -> None:
    quiet = "import warnings; warnings.simplefilter('ignore'); import quiet._core"
    install(environment, "quiet", {"quiet/__init__.py": quiet, "quiet/_core.so": ""})
    compile_extension(environment, "quiet/_core.so", is_declared=False)
    assert imported(environment)["quiet"] == Import("quiet", Outcome.GIL_ON, module="quiet._core")


def test_an_extension_module_that_its_package_does_not_load_is_found(environment: Environment) -> None:
    install(environment, "lazy", {"lazy/__init__.py": "", "lazy/_core.so": ""})
    compile_extension(environment, "lazy/_core.so", is_declared=False)
    assert imported(environment)["lazy"] == Import("lazy", Outcome.GIL_ON, module="lazy._core")


def test_a_module_that_declares_free_threading_leaves_the_gil_off(environment: Environment) -> None:
    install(environment, "good", {"good/__init__.py": "", "good/_core.so": ""})
    compile_extension(environment, "good/_core.so", is_declared=True)
    assert imported(environment)["good"] == Import("good", Outcome.GIL_OFF, imported=("good", "good._core"))


def test_imports_that_fail_crash_exit_or_hang_are_told_apart(environment: Environment) -> None:
    install(environment, "lacks", {"lacks.py": "import not_there"})
    install(
        environment,
        "crashes",
        {"crashes/__init__.py": "import crashes.deep", "crashes/deep.py": "import os; os.abort()"},
    )
    install(environment, "exits", {"exits.py": "import os; os._exit(7)"})
    install(environment, "quits", {"quits.py": "import sys; sys.exit('enough')"})
    install(environment, "prints", {"prints.py": "print('{}')"})
    found = imported(environment)
    assert found["lacks"].outcome is Outcome.NOT_IMPORTED
    assert found["lacks"].why == "ModuleNotFoundError: No module named 'not_there'"
    assert found["crashes"] == Import(
        "crashes", Outcome.CRASHED, module="crashes", why="the process was ended by SIGABRT"
    )
    assert found["exits"].why == "the process ended with exit code 7"
    assert found["quits"].why == "SystemExit: enough"
    assert found["prints"].outcome is Outcome.GIL_OFF


def test_an_import_that_hangs_is_stopped_and_named(environment: Environment) -> None:
    install(environment, "hangs", {"hangs.py": "import threading; threading.Event().wait()"})
    assert imported(environment, limit_s=1.0)["hangs"] == Import("hangs", Outcome.HUNG, module="hangs")


def test_a_process_left_behind_by_an_import_does_not_hold_it(environment: Environment) -> None:
    install(environment, "spawns", {"spawns.py": "import subprocess; subprocess.Popen(['sleep', '20'])"})
    assert imported(environment)["spawns"].outcome is Outcome.GIL_OFF


def test_a_shared_library_that_is_no_module_is_passed_over(environment: Environment) -> None:
    install(environment, "plugin", {"plugin/__init__.py": "", "plugin/attach.so": ""})
    (environment.site_packages / "plugin/attach.so").write_bytes(b"not a library")
    assert imported(environment)["plugin"] == Import("plugin", Outcome.GIL_OFF, imported=("plugin",))


def test_pythons_variables_have_no_say(lab_python: Path, tmp_path: Path) -> None:
    forced = environment_of(lab_python, tmp_path, environ={"PYTHON_GIL": "1", "PYTHONPATH": str(tmp_path)})
    (tmp_path / "json.py").write_text("raise SystemExit")
    assert import_one(forced, Modules("json", ("json",), ())).outcome is Outcome.GIL_OFF


def test_all_are_imported_each_in_its_own_process_and_listed_by_name(environment: Environment) -> None:
    says = "import os, pathlib; pathlib.Path(__file__).with_suffix('.pid').write_text(str(os.getpid()))"
    for name in ("b", "a", "c"):
        install(environment, name, {f"{name}.py": says})
    found = gather_imports(environment, gather_installed(environment.site_packages))
    assert [each.distribution for each in found] == ["a", "b", "c"]
    assert len({file.read_text() for file in environment.site_packages.glob("*.pid")}) == 3


def test_a_crash_is_judged_by_the_last_import_that_began() -> None:
    assert judge("x", Ran(-11, "> x\n> x._core\n", "")) == Import(
        "x", Outcome.CRASHED, module="x._core", why="the process was ended by SIGSEGV"
    )


def test_an_answer_cut_short_is_no_pass() -> None:
    assert judge("x", Ran(0, "> x\n", "")).outcome is Outcome.CRASHED
    assert judge("x", Ran(0, "", "")).outcome is Outcome.CRASHED


def test_a_module_that_need_not_import_may_fail() -> None:
    answer = {"gil_on": False, "at": "", "imported": ["x"], "failed": {}}
    assert judge("x", Ran(0, f"> x\n> x._tk\n{json.dumps(answer)}\n", "")).outcome is Outcome.GIL_OFF
