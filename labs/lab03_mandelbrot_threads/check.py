"""What lab 03 proves: right pixels, rows really at the same time, and what the threads gained."""

from __future__ import annotations

import random
from typing import Any

from checks.exercise import Exercise
from checks.oracles import answers, parallelism, speed
from checks.suite import Failed, Found, check
from foundation import cores

WORKERS = 4
ENOUGH = 0.7  # of the ceiling: starting the pool and the last, lonely row cost something


@check("pixels", "Every pixel is right")
def pixels(exercise: Exercise) -> str:
    """Row `y` of the picture is `compute_row(view, y)`: look at which row each thread writes, and where."""
    view_of, row = exercise.function("View"), exercise.function("mandelbrot_row")
    view = view_of(-1.9, 0.6, -0.7, 1.1, width=31, height=23, most_turns=40)  # no symmetry that could hide a mix-up
    expected = serial(view)
    for workers in (1, 3):
        picture = exercise.function("render")(view, workers, row)
        answers.same_array(picture, expected, f"the picture by {workers} workers")
    return "31 x 23 pixels equal the picture made one by one"


@check("rows_once", "Each row is computed once, by the function that was given", requires=["pixels"])
def rows_once(exercise: Exercise) -> str:
    """Call `compute_row(view, y)` once for each y, and take the row from what it returns."""
    asked: list[int] = []
    marked = random.Random().sample(range(1000), 17)

    def compute_row(view: Any, y: int) -> list[int]:
        asked.append(y)
        return [marked[y]] * view.width

    view = exercise.function("View")(width=5, height=17)
    picture = exercise.function("render")(view, 3, compute_row)
    if sorted(asked) != list(range(17)):
        raise Failed(
            f"{len(asked)} rows were asked for, {len(set(asked))} of them different", expected="17 rows, each once"
        )
    answers.same([int(row[0]) for row in picture], marked, "the rows' values")
    return "17 rows, each once"


@check("together", "Rows are computed at the same time", requires=["pixels"])
def together(exercise: Exercise) -> Found:
    """Start all rows before you wait for any of them: `pool.submit` gives a promise, `.result()` waits."""
    meeting = parallelism.Rendezvous(WORKERS)

    def compute_row(view: Any, y: int) -> list[int]:
        meeting.meet(f"row {y}")
        return [0] * view.width

    exercise.function("render")(exercise.function("View")(width=3, height=2 * WORKERS), WORKERS, compute_row)
    return Found(meeting.require_met("rows"), meeting.trace.details())


@check("error_surfaces", "A row's exception comes out of `render`", requires=["together"])
def error_surfaces(exercise: Exercise) -> str:
    """An exception in a thread waits in the row's future until somebody asks for `.result()`."""

    def compute_row(view: Any, y: int) -> list[int]:
        if y == 5:
            raise ZeroDivisionError("row 5")
        return [0] * view.width

    view = exercise.function("View")(width=3, height=8)
    answers.raises(
        ZeroDivisionError, lambda: exercise.function("render")(view, 3, compute_row), "`render` with a broken row"
    )
    return "row 5's ZeroDivisionError came out"


@check("speed", f"Threads gain at least {ENOUGH:.0%} of what this machine can give", requires=["together"])
def gains(exercise: Exercise) -> Found:
    """Give whole rows to the threads, all of them at once, and do nothing else between them."""
    view, render = exercise.function("View")(width=120, height=64), exercise.function("render")
    row = exercise.function("mandelbrot_row")
    measured = speed.measure(
        lambda: render(view, cores.usable(), row), lambda: [row(view, y) for y in range(view.height)], ENOUGH
    )
    return speed.require(measured, f"{cores.usable()} threads against one")


def serial(view: Any) -> Any:
    """The picture by the definition, one pixel after the other: an array of uint16, shape (height, width)."""
    import numpy as np

    return np.array([[turns(view, x, y) for x in range(view.width)] for y in range(view.height)], dtype=np.uint16)


def turns(view: Any, x: int, y: int) -> int:
    """How many turns of z -> z^2 + c it takes pixel (x, y) to pass |z| = 2, at most `view.most_turns`."""
    c = complex(
        view.left + (view.right - view.left) * x / view.width, view.top - (view.top - view.bottom) * y / view.height
    )
    z = 0j
    for turn in range(view.most_turns):
        if z.real * z.real + z.imag * z.imag > 4.0:
            return turn
        z = z * z + c
    return int(view.most_turns)
