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
# # 02 · First threads
#
# A **thread** is a stack of its own in a memory that all share: it runs a function beside yours, and sees the same objects.
# It has nobody to return a value to, and nobody to raise an exception to. A **future** is the way back: an object in the
# shared memory that the thread fills in, once, with a value *or* an exception.
#
# ![The main thread holds three futures in shared memory; worker threads, each with a stack of its own, fill them in.](futures.svg)
#
# Your task: run a list of tasks on a few threads. The results come in the order of the tasks, no exception is lost, and
# nothing is left running.

# %%
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from math import sin
from random import Random

from labs.kit import Timeline, cores, gil_state

# %% [markdown]
# ## What is given
#
# Weather stations send logs. For each station: fetch the log, read it line by line, find the highest temperature.
# `fetch` stands in for a download, and gives the same log each time.

# %%
STATIONS = ["Prague", "Oslo", "Lagos", "Quito", "Perth", "Vostok", "Cairo", "Lima"]


def fetch(station: str, hours: int = 40_000) -> str:
    """The station's log, a line an hour: "hour;temperature"."""
    noise = Random(station)
    middle = noise.uniform(-5, 28)
    lines = [f"{hour};{middle + 9 * sin(hour / 3.8) + noise.gauss(0, 2):.1f}" for hour in range(hours)]
    return "\n".join(lines)


def hottest(station: str) -> float:
    """The highest temperature in the station's log; ValueError if a line cannot be read."""
    return max(float(line.split(";")[1]) for line in fetch(station).splitlines())


# %% [markdown]
# ## Your turn
#
# `run_all` calls one task after the other. Make it use threads:
#
# * every task is called once, and item `i` of the list is what task `i` returned, whichever ends first;
# * up to `workers` tasks run **at the same time**, never more;
# * if tasks raise, `run_all` raises: the exception of the *first of them in the list*, not in time. A task may raise
#   anything, `SystemExit` too; what it *returns* is a value, whatever it is;
# * when `run_all` comes back, by `return` or by `raise`, no task runs any more, and no thread of its own is left. After a
#   failure, tasks that have not begun may be dropped;
# * a task may call `run_all` itself.


# %%
def run_all(tasks: Sequence[Callable[[], object]], workers: int) -> list[object]:
    """What each task returned, in the order of `tasks`, run by `workers` threads."""
    # Your turn: let `workers` threads call the tasks.
    return [task() for task in tasks]


# %% [markdown]
# ## Try it
#
# `partial(hottest, "Oslo")` is a task: a function that knows its argument and waits to be called. Each bar below is one task.

# %%
if __name__ == "__main__":
    print(f"{gil_state()}, {cores()} cores")
    timeline = Timeline()
    watched = timeline.watch(hottest)
    tasks = [partial(watched, station) for station in STATIONS]

    for station, degrees in zip(STATIONS, run_all(tasks, workers=cores()), strict=True):
        print(f"{station:<8} {degrees:5.1f} °C")
    timeline.show()

# %% [markdown]
# ## When a task fails
#
# Two stations have gone wrong: one has moved, the other writes a decimal comma. Which exception comes out, and when? Look
# at the timeline as well as at the message.

# %%
if __name__ == "__main__":
    timeline = Timeline()

    @timeline.watch
    def careless(station: str) -> float:
        if station == "Vostok":
            raise LookupError("Vostok has moved")  # at once
        if station == "Quito":
            return max(float(line.split(";")[1]) for line in fetch(station).replace(".", ",").splitlines())
        return hottest(station)

    try:
        run_all([partial(careless, station) for station in STATIONS], workers=4)
    except (LookupError, ValueError) as error:
        print(f"{type(error).__name__}: {error}")
    timeline.show()

# %% [markdown]
# ## Check it
#
# `%check` runs your **saved** file in a fresh process, and tells what it proved.

# %%
# %check

# %% [markdown]
# ## Then: a task that forgets its argument
#
# Replace `partial(watched, station)` by `lambda: watched(station)` and run that cell again. Eight tasks, and one station?
# A lambda looks `station` up when it is *called*. Threads did not make this mistake; they only made it harder to see.
