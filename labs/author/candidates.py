"""The answers that a lab is proved with, and the verdict that each must get."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from foundation.problem import ExitCode, Problem
from labs import answer_regions
from labs.author.writing import generated
from labs.catalogue import Lab

LEAST_WRONG = 3
_REJECTED_BY = re.compile(r"^Rejected by: (?P<code>[a-z_]+)\.?$", re.MULTILINE)


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
