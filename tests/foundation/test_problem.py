"""A problem is shown as found, expected, do this."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from foundation.problem import ExitCode, Problem, exit_code_of, require_all
from tests.conftest import ROOT


def test_a_problem_shows_what_was_found_expected_and_what_to_do() -> None:
    problem = Problem("no compiler", expected="gcc or clang", do="sudo apt install gcc\n./workshop up")
    assert str(problem) == (
        "found:    no compiler\n"
        "expected: gcc or clang\n"
        "do this:  sudo apt install gcc\n"
        "          ./workshop up"
    )  # fmt: skip


def test_what_is_not_said_is_left_out() -> None:
    assert str(Problem("no compiler")) == "found:    no compiler"


def test_a_problem_without_more_means_that_nothing_could_be_checked() -> None:
    assert Problem("no compiler").exit_code is ExitCode.COULD_NOT_CHECK
    assert Problem("no such lab", exit_code=ExitCode.USAGE).exit_code == 2


def test_the_exit_codes_are_a_promise() -> None:
    assert [(each.name, each.value) for each in ExitCode] == [
        ("PASS", 0),
        ("FAIL", 1),
        ("USAGE", 2),
        ("COULD_NOT_CHECK", 3),
    ]


def test_all_requirements_are_looked_at_and_told_in_one_problem() -> None:
    def refuse(found: str, **more: str) -> Callable[[], None]:
        def requirement() -> None:
            raise Problem(found, **more)  # type: ignore[arg-type]

        return requirement

    require_all(lambda: None, lambda: None)
    alone = refuse("no disk", expected="900 MB", do="free some")
    with pytest.raises(Problem) as caught:
        require_all(lambda: None, alone)
    assert str(caught.value) == "found:    no disk\nexpected: 900 MB\ndo this:  free some"
    with pytest.raises(Problem) as caught:
        require_all(alone, lambda: None, refuse("no memory", do="buy some"))
    assert str(caught.value).splitlines() == [
        "found:    no disk",
        "          no memory",
        "expected: 900 MB",
        "do this:  free some",
        "          buy some",
    ]


def test_a_command_ends_with_its_code_its_problems_or_the_interrupt(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse() -> int:
        raise Problem("no such lab", exit_code=ExitCode.USAGE)

    def interrupted() -> int:
        raise KeyboardInterrupt

    assert [exit_code_of(command) for command in (lambda: 1, refuse, interrupted)] == [1, 2, 130]
    assert capsys.readouterr().err == "found:    no such lab\n"


def test_a_command_that_nobody_reads_on_tells_no_verdict() -> None:
    prints = "import sys; from foundation import problem; sys.exit(problem.exit_code_of(lambda: print('x' * 9**6)))"
    with subprocess.Popen(
        [sys.executable, "-c", prints], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(30) == 141
