"""What lab 03 proves: right pixels, rows really at the same time, and what the threads gained."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from checks.exercise import Exercise
from checks.oracles import answers, speed
from checks.oracles.handing_out import Hands, Task
from checks.suite import Failed, Found, check
from foundation import cores

ENOUGH = 0.7  # of the ceiling: starting the pool and the last, lonely row cost something


def hands(exercise: Exercise) -> Hands:
    """The attendee's `render`, to be judged as what hands out rows: row `y` of the picture is task `y`, its value."""

    def out(tasks: Sequence[Task], workers: int) -> list[int]:
        view = exercise.function("View")(width=3, height=len(tasks))
        picture = exercise.function("render")(view, workers, lambda view, y: [tasks[y]() or 0] * view.width)
        return [int(row[0]) for row in picture]

    return Hands(out, "`render`", "rows")


@check("pixels", "Every pixel is right")
def pixels(exercise: Exercise) -> str:
    """Row `y` of the picture is `compute_row(view, y)`: look at which row each thread writes, and where. There may be
    fewer rows than workers.
    """
    view_of, row = exercise.function("View"), exercise.function("mandelbrot_row")
    for height, workers in ((23, 1), (23, 3), (3, 7), (1, 2)):
        view = view_of(-1.9, 0.6, -0.7, 1.1, width=31, height=height, most_turns=40)  # no symmetry to hide a mix-up
        picture = exercise.function("render")(view, workers, row)
        answers.same_array(picture, serial(view), f"the picture of {height} rows by {workers} workers")
    return "31 x 23 pixels, and pictures of one and three rows, equal those made one by one"


@check("rows_once", "Each row is computed once, by the function that was given", requires=["pixels"])
def rows_once(exercise: Exercise) -> str:
    """Call `compute_row(view, y)` once for each y, and take the row from what it returns, in each call of `render` anew:
    what it gave for another picture does not count.
    """
    asked: list[int] = []
    marked = random.Random().sample(range(1000), 17)

    def compute_row(view: Any, y: int) -> list[int]:
        asked.append(y)
        return [marked[y]] * view.width

    view = exercise.function("View")(width=5, height=17)
    for _again in range(2):  # the same view, the same function: what is kept from the first time would be seen
        asked.clear()
        picture = exercise.function("render")(view, 3, compute_row)
        if sorted(asked) != list(range(17)):
            raise Failed(
                f"{len(asked)} rows were asked for, {len(set(asked))} of them different", expected="17 rows, each once"
            )
        answers.same([int(row[0]) for row in picture], marked, "the rows' values")
    return "17 rows, each once, twice over"


@check("together", "Rows are computed at the same time", requires=["pixels"])
def together(exercise: Exercise) -> Found:
    """Start all rows before you wait for any of them: `pool.submit` gives a promise, `.result()` waits."""
    return hands(exercise).together(workers=cores.usable() + 3)  # a limit of the machine's own would be seen


@check("within_limit", "Never more rows at the same time than `workers`", requires=["together"])
def within_limit(exercise: Exercise) -> str:
    """`workers` is a limit: a pool takes it as its first argument. Without it a pool has a size of its own."""
    return hands(exercise).within_limit(2, 1)


@check("error_surfaces", "A row's exception comes out of `render`", requires=["together"])
def error_surfaces(exercise: Exercise) -> str:
    """An exception in a thread waits in the row's future until somebody asks for `.result()`."""
    return hands(exercise).error_surfaces(ZeroDivisionError("in a row"))


@check("complete", "The picture is complete when `render` returns", requires=["together"])
def complete(exercise: Exercise) -> str:
    """Wait for every row before you return: `with` does it for a pool, `join` without a timeout for a thread."""
    hands(exercise).nothing_left(after_error=False)
    return "no row under way, and no thread, after `render`"


@check(
    "speed", f"Threads gain at least {ENOUGH:.0%} of what this machine can give", requires=["rows_once", "within_limit"]
)
def gains(exercise: Exercise) -> Found:
    """Give whole rows to the threads, all of them at once, and do nothing else between them."""
    view, render = exercise.function("View")(), exercise.function("render")
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
        if abs(z) > 2:
            return turn
        z = z * z + c
    return int(view.most_turns)
