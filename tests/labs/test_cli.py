from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from foundation import cores
from foundation.model import Status
from labs import answer_regions, catalogue
from labs.attendee.workspace import Record, Workspace
from tests.conftest import ROOT

LAB = catalogue.find("03")
EXERCISE = f"{LAB.name}/{LAB.attendee_file}"


class Terminal:
    """An attendee's terminal: `workshop lab ...` in a folder of their own."""

    def __init__(self, python: Path, home: Path) -> None:
        self.python = python
        self.home = home
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), "WORKSHOP_HOME": str(home)}

    def lab(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.python), "-m", "labs", *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, env=self.environment, cwd=self.home.parent, check=False
        )

    def said(self, *arguments: str) -> str:
        """What a command says that must succeed."""
        ran = self.lab(*arguments)
        assert (ran.returncode, ran.stderr) == (0, "")
        return ran.stdout

    @property
    def record(self) -> Record:
        return Workspace(self.home).record(LAB)


@pytest.fixture
def terminal(tmp_path: Path, lab_python: Path) -> Terminal:
    home = tmp_path / "home"
    home.mkdir()
    terminal = Terminal(lab_python, home)
    terminal.said("deliver")
    return terminal


def test_deliver_says_what_it_did_to_each_file(tmp_path: Path, lab_python: Path) -> None:
    (tmp_path / "home" / LAB.name).mkdir(parents=True)
    terminal = Terminal(lab_python, tmp_path / "home")
    (terminal.home / EXERCISE).write_text("mine")
    said = terminal.said("deliver").splitlines()
    assert f"kept as you edited it: {EXERCISE}" in said
    assert f"new: {LAB.name}/two_threads.svg" in said
    assert (terminal.home / EXERCISE).read_text() == "mine"
    assert "GIL-free" in (terminal.home / "index.md").read_text()


def test_list_shows_each_lab_with_or_without_a_folder(terminal: Terminal) -> None:
    listed = terminal.said("list")
    for lab in catalogue.labs():
        assert f"  {lab.number}  {lab.title} " in listed
    del terminal.environment["WORKSHOP_HOME"]
    assert terminal.said("list") == listed


def test_check_of_the_starter_fails_with_a_reason_a_remedy_and_the_way_to_a_hint(terminal: Terminal) -> None:
    ran = terminal.lab("check", "03")
    assert ran.returncode == 1
    assert "  ✘ together       at most 1 of the rows at the same time" in ran.stdout
    asked = f"{cores.usable() + 3} at the same time, each on its own thread"  # more than a limit of this machine's
    assert f"    expected: {asked}\n    do this:  Start all rows" in ran.stdout
    assert ran.stdout.endswith("proved on: cpu\nStuck? `workshop lab hint 03` shows the next hint (0 of 3 shown).\n")
    assert (terminal.record.attempts, terminal.record.last_status) == (1, "fail")
    assert "| … | [03 Mandelbrot" in (terminal.home / "index.md").read_text()
    assert "last: fail" in terminal.said("list")


def test_check_of_a_right_answer_opens_the_last_word_and_the_solution(terminal: Terminal) -> None:
    solution = answer_regions.without_markers(LAB.solution.read_text())
    (terminal.home / EXERCISE).write_text(solution)
    ran = terminal.lab("check", "mandelbrot_threads")
    # how much faster, a busy machine may not be able to say
    assert (ran.returncode, terminal.record.last_status) in ((0, Status.PASS), (3, Status.INCONCLUSIVE))
    assert ran.stdout.endswith(LAB.after + "\n")
    assert terminal.record.is_passed
    assert "| ✔ | [03 Mandelbrot" in (terminal.home / "index.md").read_text()
    assert terminal.said("solution", "3") == solution + "\n"


def test_check_notes_its_report_where_the_attendee_works(terminal: Terminal) -> None:
    (terminal.home / EXERCISE).write_text("import no_such_module\n")
    ran = terminal.lab("check", "03", "--json")
    report = json.loads(ran.stdout)
    noted = json.loads((terminal.home / ".workshop/lab03.json").read_text())
    assert noted["report"] == report
    assert "no_such_module" in report["results"][0]["found"]
    assert (ran.returncode, report["facts"]["device"]) == (1, "cpu")


def test_hints_come_in_three_and_stay_at_the_last(terminal: Terminal) -> None:
    said = [terminal.said("hint", "03") for _ in range(4)]
    assert [text.splitlines()[0] for text in said] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Hint 3 of 3"]
    assert [text.split("\n\n", 1)[1].strip() for text in said] == [*LAB.hints, LAB.hints[-1]]


def test_reset_gives_the_exercise_back_and_says_where_the_edit_is(terminal: Terminal) -> None:
    assert terminal.said("reset", "03") == f"{LAB.name} is as it was handed out\n"
    (terminal.home / EXERCISE).write_text("mine")
    first, second = terminal.said("reset", "03").splitlines()
    assert first == f"{LAB.name} is as it was handed out"
    backup = Path(second.removeprefix("yours is kept in "))
    assert (backup / LAB.attendee_file).read_text() == "mine"
    assert (terminal.home / EXERCISE).read_text() == LAB.exercise.read_text()


def test_the_solution_before_pass_is_refused_unless_one_gives_up(terminal: Terminal) -> None:
    ran = terminal.lab("solution", "03")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("found:    lab 03 has not passed yet\n")
    assert "ThreadPoolExecutor(workers)" in terminal.said("solution", "03", "--give-up")
    assert terminal.record.solution_shown


@pytest.mark.parametrize("command", ["check", "hint", "reset", "solution"])
def test_an_unknown_lab_is_a_usage_problem(terminal: Terminal, command: str) -> None:
    ran = terminal.lab(command, "mandelbrod")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.splitlines()[-1] == "do this:  did you mean mandelbrot_threads?"


@pytest.mark.parametrize("command", ["check", "hint", "reset", "solution"])
def test_without_a_folder_every_attendee_command_says_what_to_do(terminal: Terminal, command: str) -> None:
    del terminal.environment["WORKSHOP_HOME"]
    ran = terminal.lab(command, "03")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr == "found:    WORKSHOP_HOME is not set\nexpected: an attendee's folder\ndo this:  ./workshop up\n"


def test_an_exercise_that_is_gone_is_named_with_the_way_back(terminal: Terminal) -> None:
    (terminal.home / EXERCISE).unlink()
    ran = terminal.lab("check", "03")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.endswith("do this:  workshop lab reset 03\n")
    terminal.said("reset", "03")
    assert (terminal.home / EXERCISE).is_file()


def test_what_authors_may_not_ask_is_a_usage_problem(terminal: Terminal) -> None:
    for arguments in (["verify", "03", "--repeat", "0"], ["new", "no_number"], ["no_such_command"], []):
        ran = terminal.lab(*arguments)
        assert (ran.returncode, ran.stdout) == (2, ""), arguments
        assert "Traceback" not in ran.stderr


def test_help_names_every_command(terminal: Terminal) -> None:
    said = terminal.said("--help")
    for command in ("list", "check", "hint", "reset", "solution", "deliver", "new", "sync", "verify"):
        assert f"\n    {command} " in said
