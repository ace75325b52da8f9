"""How many small faults a lab's checks catch: every mutant of its solution and of its right answers, judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from foundation import cores
from foundation.model import Status
from foundation.problem import ExitCode
from labs import answer_regions
from labs.author.candidates import Candidate, answered
from labs.author.mutants import Mutant, mutants
from labs.author.verify import check_candidate
from labs.catalogue import Lab

LEAST_CAUGHT = 0.95


@dataclass(frozen=True, slots=True)
class Judged:
    """A mutant and its end. rejected_by: the check that rejects it, "" if none does; broken: the one that it broke."""

    mutant: Mutant
    rejected_by: str
    broken: str

    @property
    def is_caught(self) -> bool:
        """Whether an attendee who wrote it would have been told."""
        return bool(self.rejected_by)

    def __str__(self) -> str:
        """The line to print if it is not caught."""
        return f"{self.mutant.id}   {f'breaks the check `{self.broken}`' if self.broken else 'survives'}"


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


def judged(lab: Lab) -> Iterator[Judged]:
    """Each mutant of `lab` with its verdict, in order; as many at the same time as there are cores."""

    def judge(mutant: Mutant) -> Judged:
        results = check_candidate(lab, Candidate(mutant.id, mutant.text, "*")).results
        first = {result.status: result.code for result in reversed(results)}
        return Judged(mutant, first.get(Status.FAIL, ""), first.get(Status.ERROR, ""))

    with ThreadPoolExecutor(cores.usable()) as pool:
        yield from pool.map(judge, every_mutant(lab))


def count_mutants(labs: Sequence[Lab]) -> ExitCode:
    """Judge the mutants of `labs` and name those that are not caught; FAIL if they are more than one in twenty.

    A survivor may be no fault at all (equivalent): a person has to look at each.
    """
    missed = False
    for lab in labs:
        print(f"{lab.number} {lab.title}", flush=True)
        caught = every = 0
        for each in judged(lab):
            every, caught = every + 1, caught + each.is_caught
            if not each.is_caught:
                print(f"  ✘ {each}", flush=True)
        missed = missed or caught < LEAST_CAUGHT * every
        print(f"  {caught} of {every} mutants are caught")
    return ExitCode.FAIL if missed else ExitCode.PASS
