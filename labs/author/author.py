"""For authors: begin a lab, write exercises from solutions, and prove that the checks tell right from wrong.

solution.py ──strip──> exercise.py ─┐ must fail, by the check that lab.toml names
solution.py ────────────────────────┤ must pass
right/*.py  put into the solution ──┤ must pass: another way to do it
wrong/*.py  put into the solution ──┤ must fail, by the check that the file names
each answer replaced by `None` ─────┘ must fail, and must not break a check
"""

from __future__ import annotations

import ast
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from foundation import files
from foundation.model import Report, Status
from foundation.problem import ExitCode, Problem
from labs import answer_regions, checking
from labs.catalogue import FOLDER, Lab

LEAST_WRONG = 3
_REJECTED_BY = re.compile(r"^Rejected by: (?P<code>[a-z_]+)\.?$", re.MULTILINE)
_TEMPLATE = FOLDER / "author" / "template"


@dataclass(frozen=True)
class Candidate:
    """An answer whose verdict is known beforehand. rejected_by: a check's code, "*" for any, "" if it must pass."""

    name: str
    text: str
    rejected_by: str


def candidates(lab: Lab) -> Iterator[Candidate]:
    """All answers that `lab` is proved with; Problem if there are too few, or one does not say who rejects it."""
    solution = lab.solution.read_text()
    yield Candidate("starter", generated(lab), lab.starter_fails)
    yield Candidate("solution", answer_regions.without_markers(solution), "")
    rights, wrongs = (sorted((lab.folder / kind).glob("*.py")) for kind in ("right", "wrong"))
    if not rights or len(wrongs) < LEAST_WRONG:
        raise Problem(
            f"{lab.name} has {len(rights)} right and {len(wrongs)} wrong answers",
            expected=f"1 and {LEAST_WRONG} at least, in right/ and wrong/",
            exit_code=ExitCode.FAIL,
        )
    for path in rights:
        yield Candidate(f"right/{path.stem}", _put_in(solution, path), "")
    for path in wrongs:
        whole = _put_in(solution, path)
        named = _REJECTED_BY.search(ast.get_docstring(ast.parse(path.read_text())) or "")
        if not named:
            raise Problem(
                f"{lab.name}/wrong/{path.name} does not say which check rejects it",
                expected="a line `Rejected by: CODE` in its docstring",
                exit_code=ExitCode.FAIL,
            )
        yield Candidate(f"wrong/{path.stem}", whole, named["code"])
    for name in answered(solution):
        nothing = f"def {name}(*args, **kwargs):\n    return None\n"
        yield Candidate(f"{name} gives None", answer_regions.put_in(solution, nothing), "*")


def one_of_each(every: Iterable[Candidate]) -> Iterator[Candidate]:
    """The first candidate for each verdict: every check that is to reject something passes one and rejects one."""
    seen: set[str] = set()
    for candidate in every:
        if candidate.rejected_by not in seen:
            seen.add(candidate.rejected_by)
            yield candidate


def _put_in(solution: str, answer: Path) -> str:
    """`solution` with the definitions of the file `answer`; Problem that names the file where that cannot be."""
    try:
        return answer_regions.put_in(solution, answer.read_text())
    except (Problem, SyntaxError) as error:
        place = "/".join(answer.parts[-3:])
        found, expected = (error.found, error.expected) if isinstance(error, Problem) else (str(error), "Python")
        raise Problem(f"{place}: {found}", expected=expected, exit_code=ExitCode.FAIL) from None


def answered(solution: str) -> list[str]:
    """The top-level functions and classes of `solution` that hold an answer."""
    lines = [
        number for number, line in enumerate(solution.splitlines(), start=1) if line.lstrip().startswith("#: answer")
    ]
    nodes = (node for node in ast.parse(solution).body if isinstance(node, ast.FunctionDef | ast.ClassDef))
    return [node.name for node in nodes if any(node.lineno <= line <= (node.end_lineno or 0) for line in lines)]


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
        if not _is_in_step(lab):
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


def generated(lab: Lab) -> str:
    """What exercise.py must be; Problem that names the lab if its solution.py cannot be stripped."""
    try:
        return answer_regions.strip(lab.solution.read_text())
    except Problem as problem:
        found = f"{lab.name}/solution.py: {problem.found}"
        raise Problem(found, expected=problem.expected, exit_code=ExitCode.FAIL) from None


def _is_in_step(lab: Lab) -> bool:
    return lab.exercise.exists() and lab.exercise.read_text() == generated(lab)


def sync(labs: Sequence[Lab]) -> list[str]:
    """Write each exercise.py from its solution.py; the names of those that changed."""
    changed = [lab for lab in labs if not _is_in_step(lab)]
    for lab in changed:
        files.write(lab.exercise, generated(lab), mode=files.FOR_ALL_TO_READ)
    return [f"{lab.name}/exercise.py" for lab in changed]


def new(name: str, folder: Path = FOLDER) -> Path:
    """A new lab's folder, made from labs/author/template; Problem if the name is no lab's name or is taken."""
    if not re.fullmatch(r"lab\d\d_[a-z0-9_]+", name):
        raise Problem(
            f"{name!r} is no name for a lab",
            expected="labNN_words",
            do="workshop lab new lab34_work_stealing",
            exit_code=ExitCode.USAGE,
        )
    taken = [each.name for each in folder.glob(f"{name[:5]}_*")]
    if taken:
        raise Problem(f"number {name[3:5]} is taken by {taken[0]}", expected="a free number", exit_code=ExitCode.USAGE)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as scratch:
        begun = Path(scratch) / name
        shutil.copytree(_TEMPLATE, begun, ignore=shutil.ignore_patterns("__pycache__"))
        solution = (begun / "solution.py").read_text().replace("# # 00 · ", f"# # {name[3:5]} · ")
        (begun / "solution.py").write_text(solution)
        (begun / "exercise.py").write_text(answer_regions.strip(solution))
        return begun.rename(folder / name)
