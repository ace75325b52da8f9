"""What this lab proves."""

from __future__ import annotations

import random

from checks.exercise import Exercise
from checks.oracles import answers, parallelism
from checks.suite import Found, check


@check("values", "Every square is right, and in its place")
def values(exercise: Exercise) -> str:
    """Compare the result for `[3, 1, 2]` with `[9, 1, 4]`."""
    numbers = random.sample(range(1000), 17)
    answers.same(exercise.function("squares")(numbers, 3), [each * each for each in numbers], "the result of `squares`")
    return "17 squares in order"


@check("together", "Squares are made at the same time", requires=["values"])
def together(exercise: Exercise) -> Found:
    """A pool's `map` starts them all before it waits for the first."""
    meeting = parallelism.Rendezvous(3)

    def square(number: int) -> int:
        meeting.meet(str(number))
        return number * number

    exercise.function("squares")([1, 2, 3], 3, square)
    return Found(meeting.require_met("squares"), meeting.trace.details())
