# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Free-threaded Python, GIL off
#     language: python
#     name: gilfree
# ---

# %% [markdown]
# # 03 · Mandelbrot by threads
#
# A picture, one row at a time. No row needs another: the work is *embarrassingly parallel*, and yet, for thirty years,
# threads could not make this loop one bit faster. Python's **global interpreter lock** let one thread run bytecode at a
# time, however many cores stood idle:
#
# ![With the GIL, two threads take turns on one core; without it, each has a core of its own.](two_threads.svg)
#
# Here the GIL is off. Your task: give the rows to threads, and **see** them run.

# %%
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import NamedTuple

import numpy as np

from labs.kit import Timeline, cores, gil_state, show_image

# %% [markdown]
# ## What is given
#
# A `View` says which part of the complex plane we look at, and in how many pixels.


# %%
class View(NamedTuple):
    """A rectangle of the complex plane, and the picture's size in pixels."""

    left: float = -2.2
    right: float = 0.8
    bottom: float = -1.2
    top: float = 1.2
    width: int = 240
    height: int = 160
    most_turns: int = 100


# %% [markdown]
# The Mandelbrot set is what never flies away under $z \to z^2 + c$. The colour of a pixel is the number of turns that it
# takes $|z|$ to pass 2. This loop is **pure Python on purpose**: it holds the GIL, wherever there is one, from its first
# bytecode to its last.
#
# It takes the numbers out of `view` once a row. All threads share that one object, and whoever reads `view.most_turns` counts
# a reference to it. Two threads that do so at every turn wait for each other at the counter, and gain nothing.


# %%
def mandelbrot_row(view: View, y: int) -> list[int]:
    """The turns of each pixel of row `y`: `view.width` numbers from 0 to `view.most_turns`."""
    left, right, bottom, top, width, height, most_turns = view  # once a row, not at every turn
    imaginary = top - (top - bottom) * y / height
    turns = []
    for x in range(width):
        c = complex(left + (right - left) * x / width, imaginary)
        z, turn = 0j, 0
        while turn < most_turns and abs(z) <= 2:
            z = z * z + c
            turn += 1
        turns.append(turn)
    return turns


# %% [markdown]
# ## Your turn
#
# `render` makes the picture row by row, on one thread. Make it use `workers` threads:
#
# * each row is computed once in each call of `render`, by `compute_row(view, y)`, and ends in its own place of `picture`;
# * up to `workers` rows are in work **at the same time**, never more; there may be fewer rows than workers;
# * when `render` returns, the picture is complete, and if a row raised an exception, `render` raises it.
#
# Two threads may write into one NumPy array at the same time as long as they write *different* places.


# %%
def render(view: View, workers: int, compute_row: Callable[[View, int], list[int]] = mandelbrot_row) -> np.ndarray:
    """The picture: an array of shape (view.height, view.width), dtype uint16, made by `workers` threads."""
    picture = np.zeros((view.height, view.width), dtype=np.uint16)

    def fill(y: int) -> None:
        picture[y] = compute_row(view, y)

    #: answer  let `workers` threads fill the rows
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(fill, y) for y in range(view.height)]:
            done.result()
    #: starter
    # for y in range(view.height):
    #     fill(y)
    #: end
    return picture


# %% [markdown]
# ## Try it
#
# Run this cell as often as you like. `Timeline` notes which thread worked on which row, and draws it: one lane a thread.

# %%
if __name__ == "__main__":
    print(f"{gil_state()}, {cores()} cores")
    timeline = Timeline()
    view = View()

    began = perf_counter()
    picture = render(view, workers=cores(), compute_row=timeline.watch(mandelbrot_row))
    print(f"{perf_counter() - began:.2f} s with {cores()} workers")

    timeline.show()
    show_image(picture)

# %% [markdown]
# ## Check it
#
# `%check` runs your **saved** file in a fresh process, and tells what it proved.

# %%
# %check

# %% [markdown]
# ## Then: with the GIL
#
# Choose *Kernel > Change Kernel… > Free-threaded Python, GIL on* and run all cells again. It is the same binary, the same code, the
# same threads. Compare the two timelines: what do the bars do?
