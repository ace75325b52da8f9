"""`workshop check`, as it is typed: a real process of the lab's Python."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from checks import environment
from checks.suite import collect
from foundation.model import Report, Status
from tests.conftest import ROOT

Check = Callable[..., subprocess.CompletedProcess[str]]


def settings(**more: str) -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if name != "PYTHON_GIL"}, **more}


@pytest.fixture
def check(lab_python: Path) -> Check:
    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [lab_python, "-P", "-m", "checks", *arguments],
            env=settings(PYTHONPATH=str(ROOT), **more),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_a_check_that_passes_says_what_it_found_and_exits_with_0(check: Check) -> None:
    out = check("python.build")
    assert out.returncode == 0, out
    first, last = out.stdout.splitlines()
    assert first.startswith("  ✔ python.build ")
    assert last == "PASS  this session: 1 pass"
    assert out.stderr == ""


def test_the_list_names_every_check_and_runs_none(check: Check) -> None:
    out = check("--list")
    assert out.returncode == 0
    every = collect(*environment.MODULES)
    assert [line.split(maxsplit=1) for line in out.stdout.splitlines()] == [[each.code, each.title] for each in every]


def test_the_list_can_be_asked_for_some(check: Check) -> None:
    assert [line.split()[0] for line in check("--list", "gil.off").stdout.splitlines()] == ["python.build", "gil.off"]


def test_json_is_one_report_and_nothing_else(check: Check) -> None:
    out = check("python", "--json")
    report = Report.from_json(out.stdout)
    assert [result.code for result in report.results] == ["python.build", "python.version"]
    assert report.subject == "this session"
    assert out.returncode == report.exit_code


def test_a_failure_exits_with_1_and_says_what_to_do(check: Check) -> None:
    out = check("gil.forced", PYTHON_GIL="1")
    assert out.returncode == 1
    assert out.stdout.startswith("  ✘ gil.forced ")
    assert "    do this:  `unset PYTHON_GIL`" in out.stdout
    assert out.stdout.endswith("FAIL  this session: 1 fail\n")


def test_an_ignored_failure_is_a_warning(check: Check) -> None:
    out = check("gil.forced", "python.build", "--ignore", "gil.forced", PYTHON_GIL="1")
    assert out.returncode == 0
    assert re.search(r"^  – gil\.forced +ignored: PYTHON_GIL=1 keeps the GIL on by force", out.stdout, re.MULTILINE)
    assert out.stdout.endswith("PASS  this session: 1 pass, 1 skipped\n")


def test_an_ignored_failure_alone_is_no_pass(check: Check) -> None:
    out = check("gil.forced", "--ignore", "gil.forced", "--json", PYTHON_GIL="1")
    assert out.returncode == 3
    assert Report.from_json(out.stdout).results[0].status is Status.SKIPPED


def test_a_group_is_ignored_by_the_beginning_of_its_name(check: Check) -> None:
    assert check("gil.forced", "python.build", "--ignore", "gil", PYTHON_GIL="1").returncode == 0


@pytest.mark.parametrize("arguments", [["pythn.build"], ["python.build", "--ignore", "pythn.build"]])
def test_an_unknown_code_is_a_usage_error_that_names_the_nearest(check: Check, arguments: list[str]) -> None:
    out = check(*arguments)
    assert (out.returncode, out.stdout) == (2, "")
    assert out.stderr == (
        "found:    no check is named 'pythn.build'\n"
        "expected: a code or the beginning of one\n"
        "do this:  did you mean python.build?\n"
    )


def test_an_unknown_option_is_a_usage_error(check: Check) -> None:
    out = check("--jsno")
    assert out.returncode == 2
    assert out.stderr.startswith("usage: workshop check ")


def test_ctrl_c_ends_it_with_130_and_no_traceback(lab_python: Path) -> None:
    with subprocess.Popen(
        [lab_python, "-P", "-m", "checks", "python.build", "gil.imports"],
        env=settings(PYTHONPATH=str(ROOT)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("  ✔ python.build ")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert process.stderr.read() == ""
