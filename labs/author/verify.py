"""Prove that a lab's checks tell right answers from wrong ones.

solution.py ──strip──> exercise.py ─┐ must fail, by the check that lab.toml names
solution.py ────────────────────────┤ must pass
right/*.py  put into the solution ──┤ must pass: another way to do it
wrong/*.py  put into the solution ──┤ must fail, by the check that the file names
each answer replaced by `None` ─────┘ must fail, and must not break a check
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from foundation.model import Report, Status
from foundation.problem import ExitCode, Problem
from labs import checking
from labs.author.candidates import Candidate, candidates, one_of_each
from labs.author.writing import is_in_step
from labs.catalogue import Lab


def judge(candidate: Candidate, report: Report) -> str:
    """ "" if the verdict is the one that `candidate` must have; otherwise what is wrong with it, in one line."""
    failed = [result for result in report.results if result.status is Status.FAIL]
    broken = [result for result in report.results if result.status is Status.ERROR]
    if broken or not report.results:
        return f"the check `{broken[0].code}` broke: {broken[0].found}" if broken else "nothing was checked"
    if not candidate.rejected_by:
        return f"rejected by `{failed[0].code}`: {failed[0].found}" if failed else ""
    if not failed:
        return f"accepted ({report.status.value}), expected a rejection by `{candidate.rejected_by}`"
    if candidate.rejected_by not in ("*", failed[0].code):
        return f"rejected by `{failed[0].code}` ({failed[0].found}), expected `{candidate.rejected_by}`"
    return ""


def check_candidate(lab: Lab, candidate: Candidate) -> Report:
    """The report on `candidate` in a folder of its own, with what lies beside the exercise."""
    with tempfile.TemporaryDirectory(prefix="workshop-verify-") as scratch:
        folder = Path(scratch) / lab.name
        folder.mkdir()
        for path in lab.files():
            target = folder / path.relative_to(lab.folder / "files")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        exercise = folder / lab.attendee_file
        exercise.write_text(candidate.text)
        return checking.check(lab, exercise)


def verify(labs: Sequence[Lab], *, repeat: int = 1, brief: bool = False) -> ExitCode:
    """Prove `labs`, `repeat` times over, a line for each answer; FAIL if one verdict is not as it must be.

    brief: with one answer for each verdict, which is enough to see that every check works on another Python.
    """
    if not labs:
        raise Problem("there is no lab to prove", expected="at least one folder labNN_words in labs/")
    wrong = 0
    for lab in labs:
        print(f"{lab.number} {lab.title}", flush=True)
        if not is_in_step(lab):
            wrong += 1
            print("  ✘ exercise.py is not what solution.py makes: workshop lab sync")
        for candidate in one_of_each(candidates(lab)) if brief else candidates(lab):
            wrong += not _prove(lab, candidate, repeat)
    print(f"{'FAIL' if wrong else 'PASS'}  {len(labs)} labs, {wrong} answers judged wrongly")
    return ExitCode.FAIL if wrong else ExitCode.PASS


def _prove(lab: Lab, candidate: Candidate, repeat: int) -> bool:
    """Whether `repeat` verdicts on `candidate` are all as they must be; says so in a line."""
    complaints: list[str] = []
    began, unsure = time.monotonic(), 0
    for _ in range(repeat):
        report = check_candidate(lab, candidate)
        unsure += report.status is Status.INCONCLUSIVE
        complaints += filter(None, [judge(candidate, report)])
    seconds = (time.monotonic() - began) / repeat
    times = f", {len(complaints)} of {repeat} times" if complaints and repeat > 1 else ""
    doubt = f", {unsure} of {repeat} inconclusive" if unsure else ""
    should = f"rejected by {candidate.rejected_by}" if candidate.rejected_by else "passes"
    print(
        f"  {'✘' if complaints else '✔'} {candidate.name:<28} {complaints[0] if complaints else should}{times}{doubt}"
        f"  {seconds:.1f} s",
        flush=True,
    )
    return not complaints
