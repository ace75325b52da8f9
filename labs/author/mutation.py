"""How many small faults a lab's checks catch: every mutant of its solution and of its right answers, judged.

    mutants.py ──> each judged like any answer, up to its first FAIL ──> mutants.json beside the lab

mutants.json is committed. It holds a hash of all that decides the verdicts; a person adds to each survivor why it may
live: "equivalent: ..." if it is no fault at all, otherwise why it is not caught.
"""

from __future__ import annotations

import ast
import hashlib
import json
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation import cores, files
from foundation.model import Report, Status
from foundation.problem import ExitCode, Problem
from labs import answer_regions
from labs.author.candidates import Candidate, answered
from labs.author.mutants import Mutant, mutants
from labs.author.verify import check_candidate
from labs.catalogue import FOLDER, Lab

CLONE = FOLDER.parent
LEAST_KILLED = 0.95
SURVIVED = "survived"
EQUIVALENT = "equivalent"


@dataclass(frozen=True, slots=True)
class Record:
    """What mutants.json says. killed: id -> the check that rejects it; survived: id -> why it may live, or ""."""

    hash: str
    killed: Mapping[str, str]
    survived: Mapping[str, str]

    @property
    def faults(self) -> int:
        """How many of the mutants are faults: all but the equivalent ones."""
        return len(self.killed) + sum(not why.startswith(EQUIVALENT) for why in self.survived.values())

    @property
    def score(self) -> float:
        """The share of the faults that is caught; 1.0 if there is none."""
        return len(self.killed) / self.faults if self.faults else 1.0


def every_mutant(lab: Lab) -> list[Mutant]:
    """The mutants of `lab`'s solution and right answers, in a fixed order; an id begins with the answer's name."""
    solution = lab.solution.read_text()
    names = answered(solution)
    answers = {"solution": answer_regions.without_markers(solution)}
    for path in sorted((lab.folder / "right").glob("*.py")):
        answers[path.stem] = answer_regions.put_in(solution, path.read_text())
    return [
        Mutant(f"{answer}: {mutant.id}", mutant.text)
        for answer, text in answers.items()
        for mutant in mutants(text, names)
    ]


def judge(lab: Lab, mutant: Mutant) -> str:
    """The code of the check that rejects `mutant`; SURVIVED if none does. Problem if a check breaks on it."""
    report = check_candidate(lab, Candidate(mutant.id, mutant.text, "*"))
    if (broken := _first(report, Status.ERROR)) and not _first(report, Status.FAIL):
        raise Problem(f"{lab.name}: the check `{broken}` broke on the mutant {mutant.id!r}", exit_code=ExitCode.FAIL)
    return _first(report, Status.FAIL) or SURVIVED


def _first(report: Report, status: Status) -> str:
    return next((result.code for result in report.results if result.status is status), "")


def judge_all(lab: Lab, chosen: Sequence[Mutant]) -> Iterator[tuple[Mutant, str]]:
    """Each mutant and what `judge` says of it, in order; one for each core at the same time."""
    with ThreadPoolExecutor(cores.usable()) as pool:
        yield from zip(chosen, pool.map(lambda mutant: judge(lab, mutant), chosen), strict=True)


def measure(lab: Lab) -> Record:
    """Judge every mutant of `lab` and write mutants.json; what people said of survivors is kept."""
    said = read(lab).survived if record_file(lab).exists() else {}
    killed, survived = {}, {}
    for mutant, code in judge_all(lab, every_mutant(lab)):
        if code == SURVIVED:
            survived[mutant.id] = said.get(mutant.id, "")
        else:
            killed[mutant.id] = code
    record = Record(hash_of(lab), killed, survived)
    content = {"hash": record.hash, "killed": killed, "survived": survived}
    files.write(record_file(lab), f"{json.dumps(content, indent=1, ensure_ascii=False)}\n", mode=files.FOR_ALL_TO_READ)
    return record


def read(lab: Lab) -> Record:
    """What mutants.json of `lab` says. Problem if it is missing or no record."""
    try:
        said: dict[str, Any] = json.loads(record_file(lab).read_text(encoding="utf-8"))
        return Record(said["hash"], said["killed"], said["survived"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(
            f"{lab.name}/mutants.json cannot be read: {error}",
            expected="the record of the lab's mutants",
            do=f"workshop lab verify {lab.number} --mutants",
            exit_code=ExitCode.FAIL,
        ) from error


def record_file(lab: Lab) -> Path:
    """mutants.json beside the lab."""
    return lab.folder / "mutants.json"


def hash_of(lab: Lab) -> str:
    """A hash of all that decides the verdicts on the mutants: the lab, what its files import of ours, and this."""
    of_lab = [path for path in lab.folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    judges = imported_by([CLONE / "checks" / "exercise.py", *(path for path in of_lab if path.suffix == ".py")])
    parts = {*of_lab, *judges, Path(__file__), Path(__file__).with_name("mutants.py")} - {record_file(lab)}
    digest = hashlib.sha256()
    for path in sorted(parts):
        digest.update(f"{path.relative_to(CLONE)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def imported_by(paths: Iterable[Path]) -> set[Path]:
    """`paths` and all files of this clone that they import, and those import, and so on."""
    found: set[Path] = set()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imports(path)
    return found


def _imports(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            module = CLONE.joinpath(*name.split("."))
            yield from (each for each in (module.with_suffix(".py"), module / "__init__.py") if each.is_file())


def complaints(lab: Lab) -> list[str]:
    """What is wrong with the record of `lab`, a line each; none if it is up to date and good enough."""
    record = read(lab)
    found = []
    if record.hash != hash_of(lab):
        found.append(f"{lab.name}/mutants.json is out of date: workshop lab verify {lab.number} --mutants")
    found += [f"{lab.name}: {each!r} survives and nobody says why" for each, why in record.survived.items() if not why]
    if record.score < LEAST_KILLED:
        found.append(f"{lab.name}: {record.score:.0%} of the mutants are caught, expected {LEAST_KILLED:.0%}")
    return found


def sample(labs: Sequence[Lab], seed: str, budget_s: float) -> list[str]:
    """Judge mutants again, drawn by `seed`, for `budget_s` seconds; those whose verdict is not the recorded one."""
    drawn = [(lab, mutant) for lab in labs for mutant in every_mutant(lab)]
    random.Random(seed).shuffle(drawn)
    records = {lab.number: read(lab) for lab in labs}
    ends, differing = time.monotonic() + budget_s, []
    for lab, mutant in drawn:
        if time.monotonic() > ends:
            break
        recorded = records[lab.number].killed.get(mutant.id, SURVIVED)
        found = judge(lab, mutant)
        if (found == SURVIVED) != (recorded == SURVIVED):
            differing.append(f"{lab.name}: {mutant.id}: {found}, recorded: {recorded}")
    return differing
