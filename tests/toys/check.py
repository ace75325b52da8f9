"""The toy lab's checks: `answer` runs the attendee's code, `after` and `behind` show what comes of the rest."""

from __future__ import annotations

from checks.exercise import Exercise
from checks.oracles import answers
from checks.suite import check


@check("answer", "The answer is 42")
def answer(exercise: Exercise) -> str:
    """Return 42 from `answer`."""
    answers.same(exercise.function("answer")(), 42, "the answer")
    return "42"


@check("behind", "What needs the answer", requires=["answer"])
def behind(_exercise: Exercise) -> str:
    """Nothing to do."""
    return "behind the answer"


@check("after", "What comes after it")
def after(_exercise: Exercise) -> str:
    """Nothing to do."""
    return "it went on"
