"""Begin a lab from the template, and keep its exercise in step with its solution."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from foundation import files
from foundation.problem import ExitCode, Problem
from labs import answer_regions
from labs.catalogue import FOLDER, Lab

_TEMPLATE = FOLDER / "author" / "template"


def generated(lab: Lab) -> str:
    """What exercise.py must be; Problem that names the lab if its solution.py cannot be stripped."""
    try:
        return answer_regions.strip(lab.solution.read_text())
    except Problem as problem:
        found = f"{lab.name}/solution.py: {problem.found}"
        raise Problem(found, expected=problem.expected, exit_code=ExitCode.FAIL) from None


def is_in_step(lab: Lab) -> bool:
    """Whether exercise.py is what solution.py makes."""
    return lab.exercise.exists() and lab.exercise.read_text() == generated(lab)


def sync(labs: Sequence[Lab]) -> list[str]:
    """Write each exercise.py from its solution.py; the names of those that changed."""
    changed = [lab for lab in labs if not is_in_step(lab)]
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
