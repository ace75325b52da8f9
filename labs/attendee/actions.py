"""What an attendee can do with a lab, in a notebook and in a terminal: check it, ask for a hint or the solution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from foundation.model import Report, Result, Status
from foundation.problem import ExitCode, Problem
from labs import answer_regions, catalogue, checking
from labs.attendee import course_page
from labs.attendee.workspace import Record, Workspace, is_proved
from labs.catalogue import Lab


@dataclass(frozen=True)
class Commands:
    """What one types for a hint and for the solution, where one is."""

    hint: str
    solution: str


IN_NOTEBOOK = Commands("%hint", "%solution")
NOT_JUDGED = "Your answer was not judged: do what is said above, and check again."
BROKEN = "The lab is broken, not your answer: show this to the instructor."


def in_terminal(lab: Lab) -> Commands:
    """The commands for `lab` in a shell."""
    return Commands(f"workshop lab hint {lab.number}", f"workshop lab solution {lab.number}")


def check(lab: Lab, space: Workspace, on_result: Callable[[Result], None]) -> tuple[Report, Record]:
    """Judge the saved exercise, and note the outcome in the record and on the course page."""
    report = checking.check(lab, space.exercise(lab), on_result)
    record = space.note_report(lab, report)
    course_page.write(catalogue.labs(), space)
    return report, record


def hint(lab: Lab, space: Workspace) -> tuple[str, str]:
    """The next hint: "Hint 2 of 3", and its text in Markdown. After the last it is the last one again."""
    number = space.note_hint(lab)
    return f"Hint {number} of {len(lab.hints)}", lab.hints[number - 1]


def solution(lab: Lab, space: Workspace, commands: Commands, *, give_up: bool) -> str:
    """The solution's text, without markers; Problem before the lab has passed, unless the attendee gives up."""
    if not (space.record(lab).is_passed or give_up):
        raise Problem(
            f"lab {lab.number} has not passed yet",
            expected="PASS first: the solution is worth more after it",
            do=f"{commands.hint}\nor: {commands.solution} --give-up",
            exit_code=ExitCode.FAIL,
        )
    space.note_solution(lab)
    return answer_regions.without_markers(lab.solution.read_text())


def next_step(lab: Lab, report: Report, record: Record, commands: Commands) -> str:
    """What to do after a verdict, in one sentence; "" after PASS, where `after.md` has the word."""
    if report.status is Status.PASS:
        return ""
    if is_proved(report):
        return "Your answer is right. How much faster it is cannot be measured on this machine now."
    if report.status is Status.INCONCLUSIVE:
        return "This machine cannot say more now: close what else runs on it, and check again."
    if report.status is Status.ERROR:
        can_be_mended = all(each.do for each in report.results if each.status is Status.ERROR)
        return NOT_JUDGED if can_be_mended else BROKEN
    if record.hints_shown < len(lab.hints):
        return f"Stuck? `{commands.hint}` shows the next hint ({record.hints_shown} of {len(lab.hints)} shown)."
    return f"All hints are shown. `{commands.solution} --give-up` shows an answer."
