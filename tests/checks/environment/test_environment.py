from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from checks.environment import MODULES, suite
from checks.environment.environment import here
from checks.suite import Check, Failed, Inconclusive, collect
from tests.checks.environment.fakes import BrokenGpus, BrokenMachine, environment_of

CHECKS = collect(*MODULES)


def test_here_is_this_interpreter_and_the_persons_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKSHOP_HOME", str(tmp_path))
    environment = here()
    assert environment.python == Path(sys.executable)
    assert environment.lock == Path(sys.prefix) / "lock.txt"
    assert environment.home == tmp_path


@pytest.mark.parametrize(
    ("environ", "home"),
    [
        ({"WORKSHOP_HOME": "/h", "WORKSHOP_STATE": "/s"}, "/h"),
        ({"WORKSHOP_STATE": "/s"}, "/s/home"),
        ({}, str(Path(__file__).resolve().parents[3] / ".workshop/home")),
    ],
)
def test_the_attendees_folder_is_where_the_workshop_puts_it(environ: dict[str, str], home: str) -> None:
    assert here(environ).home == Path(home)


def test_what_a_supervisor_has_cleaned_can_be_passed_on() -> None:
    environment = here({"PYTHON_GIL": "0"}, gil_option="1")
    assert environment.environ == {"PYTHON_GIL": "0"}
    assert environment.gil_option == "1"


def test_the_gil_option_of_this_process_is_seen(lab_python: Path) -> None:
    code = "from checks.environment.environment import here; print(here().gil_option)"
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    ask = [str(lab_python), "-X", "gil=1", "-c", code]
    assert subprocess.check_output(ask, env=environ, text=True) == "1\n"


def test_a_child_gets_everything_but_what_forces_the_gil(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("A_MARK", "kept")
    monkeypatch.setenv("PYTHON_GIL", "1")
    environment = environment_of(Path(sys.executable), tmp_path, environ={"PYTHON_GIL": "0", "OWN": "1"})
    environ = environment.child_environ(OMP_NUM_THREADS="1")
    assert "PYTHON_GIL" not in environ
    assert (environ["A_MARK"], environ["OWN"], environ["OMP_NUM_THREADS"]) == ("kept", "1", "1")


def test_the_suite_is_all_checks_and_what_the_person_had() -> None:
    checks, environment = suite({"PYTHON_GIL": "0"}, "1")
    assert [check.code for check in checks] == [check.code for check in CHECKS]
    assert (environment.environ, environment.gil_option) == ({"PYTHON_GIL": "0"}, "1")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_each_check_has_a_code_with_its_theme_a_short_title_and_a_remedy(check: Check) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", check.code)
    assert len(check.title) <= 72
    assert len(check.remedy) > 40


def test_the_codes_are_stable() -> None:
    assert [check.code for check in CHECKS] == [
        "python.build",
        "python.version",
        "gil.forced",
        "gil.off",
        "lock.file",
        "gil.imports",
        "packages.lock",
        "kernels.compute",
        "cores.parallel",
        "gpu.driver",
        "gpu.device",
        "gpu.kernel",
        "machine.memory",
        "machine.disk",
    ]


# These ask nothing of the machine, its GPU or the lock; the kernels are another interpreter's, see test_kernels.py.
SOUND = {"python.build", "gil.forced", "gil.off", "kernels.compute"}


@pytest.mark.parametrize("check", [each for each in CHECKS if each.code not in SOUND], ids=lambda each: each.code)
def test_where_nothing_can_be_read_no_check_passes_and_none_breaks(
    check: Check, lab_python: Path, tmp_path: Path
) -> None:
    broken = environment_of(lab_python, tmp_path, gpus=BrokenGpus(), machine=BrokenMachine())
    broken.lock.unlink()
    with pytest.raises((Failed, Inconclusive)):
        check.run(broken)
