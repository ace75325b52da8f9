from __future__ import annotations

from pathlib import Path

import pytest

from foundation.model import Report, Status
from foundation.problem import ExitCode, Problem
from labs.attendee import actions
from labs.attendee.actions import IN_NOTEBOOK, in_terminal, next_step
from labs.attendee.workspace import Record, Workspace
from labs.catalogue import Lab
from tests.labs.toy_labs import report, result, toy_lab


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return toy_lab(tmp_path / "labs")


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "home")


def test_hints_come_one_at_a_time_and_the_last_stays(lab: Lab, space: Workspace) -> None:
    assert [actions.hint(lab, space) for _ in range(4)] == [
        ("Hint 1 of 3", "a direction"),
        ("Hint 2 of 3", "the place"),
        ("Hint 3 of 3", "almost the code"),
        ("Hint 3 of 3", "almost the code"),
    ]


def test_the_solution_before_pass_is_refused_in_the_words_of_the_place(lab: Lab, space: Workspace) -> None:
    for commands, do in (
        (IN_NOTEBOOK, "%hint\n          or: %solution --give-up"),
        (in_terminal(lab), "workshop lab hint 90\n          or: workshop lab solution 90 --give-up"),
    ):
        with pytest.raises(Problem) as raised:
            actions.solution(lab, space, commands, give_up=False)
        assert str(raised.value) == (
            "found:    lab 90 has not passed yet\n"
            "expected: PASS first: the solution is worth more after it\n"
            f"do this:  {do}"
        )
        assert raised.value.exit_code is ExitCode.FAIL
    assert not space.record(lab).solution_shown


def test_the_solution_is_shown_after_pass_or_to_who_gives_up(lab: Lab, space: Workspace) -> None:
    assert actions.solution(lab, space, IN_NOTEBOOK, give_up=True) == "# version 1\nx = 1\n"
    assert space.record(lab).solution_shown
    space.note_report(lab, report(result(Status.PASS)))
    assert actions.solution(lab, space, IN_NOTEBOOK, give_up=False) == "# version 1\nx = 1\n"


@pytest.mark.parametrize(
    ("outcome", "hints", "step"),
    [
        (report(result(Status.PASS)), 0, ""),
        (report(result(Status.FAIL)), 0, "Stuck? `%hint` shows the next hint (0 of 3 shown)."),
        (report(result(Status.FAIL)), 3, "All hints are shown. `%solution --give-up` shows an answer."),
        (report(result(Status.ERROR)), 0, "The lab is broken, not your answer: show this to the instructor."),
        (report(result(Status.ERROR, do="apt-get install gcc"), result(Status.BLOCKED)), 0, actions.NOT_JUDGED),
        (
            report(result(Status.PASS), result(Status.INCONCLUSIVE)),
            0,
            "Your answer is right. How much faster it is cannot be measured on this machine now.",
        ),
        (
            report(result(Status.INCONCLUSIVE), result(Status.BLOCKED)),
            0,
            "This machine cannot say more now: close what else runs on it, and check again.",
        ),
    ],
)
def test_each_verdict_has_its_next_step(lab: Lab, outcome: Report, hints: int, step: str) -> None:
    assert next_step(lab, outcome, Record(hints_shown=hints), IN_NOTEBOOK) == step
