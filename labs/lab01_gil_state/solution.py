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
# # 01 · Is the GIL on?
#
# Welcome. This is a notebook: click into a cell, press **Shift+Enter**, and it runs. Begin with the next one.
#
# Two questions are often mixed up. *Was this Python built to run without the GIL?* That is settled for good when it is
# compiled. *Is the GIL on now?* That is decided at every start, and it can still change while your program runs:
#
# ![The build decides what is possible, the state is what is the case: a free-threaded build runs with the GIL off or on.](build_and_state.svg)

# %%
import sys
import sysconfig
from threading import Thread
from typing import NamedTuple

from labs.kit import Timeline

# %% [markdown]
# ## See it first
#
# Four threads add to one number, **without a lock**. `n += 1` reads `n`, adds, and writes it back: if another thread
# writes in between, its update is lost.


# %%
class Counter:
    """One number that everybody may write to."""

    n = 0


def count(counter: Counter, turns: int) -> None:
    """Add 1, `turns` times."""
    for _ in range(turns):
        counter.n += 1


# %%
if __name__ == "__main__":
    workers, turns = 4, 500_000
    counter, timeline = Counter(), Timeline()
    threads = [Thread(target=timeline.watch(count), args=(counter, turns)) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lost = 1 - counter.n / (workers * turns)
    print(f"expected {workers * turns}, found {counter.n}: {lost:.0%} of the updates are lost")
    timeline.show()

# %% [markdown]
# Now choose *Kernel > Change Kernel… > Free-threaded Python, GIL on* and run all cells again. Same file, same binary, one flag of
# difference (`-X gil=1`). How many are lost now? Then go back to **GIL off**.
#
# ## Your turn
#
# Write `describe`, which answers both questions about the Python that it runs in, at the moment when it is called.
# `%check` takes your file to four places, and `describe` has to be right in each:
#
# * this Python, as it starts by itself, and the same one with `-X gil=1`;
# * an **ordinary** Python, which may be older than 3.13;
# * this Python, **after** an import has turned the GIL on.


# %%
class Gil(NamedTuple):
    """What a Python was built for, and what it does now."""

    free_threaded: bool  # the build: can it run without the GIL?
    on: bool  # the state: is the GIL on, now?


def describe() -> Gil:
    """The answers for the interpreter that runs this."""
    built_without = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    #: answer  as many articles do, this takes the build for the state; ask for the state
    is_enabled = getattr(sys, "_is_gil_enabled", None)  # new in 3.13; before that there was nothing to ask
    return Gil(free_threaded=built_without, on=is_enabled() if is_enabled else True)
    #: starter
    # return Gil(free_threaded=built_without, on=not built_without)
    #: end


# %%
if __name__ == "__main__":
    print(sys.version)
    print(describe())

# %% [markdown]
# ## Check it
#
# `%check` runs your **saved** file in fresh processes. Each line is one thing that it proved, or one to look at. It is
# meant to be run early and often. Where it says ✘ and you would like a push, run `%hint` in a new cell: three of them,
# each says a little more.

# %%
# %check

# %% [markdown]
# ## Then
#
# Set `workers` to 1, 2 and 8 in the counting cell. How does the share of lost updates grow? Is it ever the same twice?
