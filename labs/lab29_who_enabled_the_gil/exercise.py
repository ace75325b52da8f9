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
# # 29 · Who enabled the GIL?
#
# You started Python with the GIL off. An hour later the threads take turns again. Nobody touched a flag: somewhere below a
# harmless `import`, a C extension was loaded that does not *declare* that it can do without the GIL. CPython then turns the
# GIL on, for the whole process, until it ends. It says so in **one** warning, once, on stderr:
#
# ![Your file imports weather.report, that imports weather.units, that loads _fast: and the GIL is on for everybody.](one_import.svg)
#
# Find such a module in *any* package. Then get this program going without it.

# %%
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, process_time

from labs.kit import cores, gil_state

# %% [markdown]
# ## What is given
#
# The GIL cannot be turned off again. So an experiment belongs in a process that may be spoiled:


# %%
def fresh_python(*arguments: str) -> str:
    """All that a fresh Python, started with `arguments`, prints: warnings and errors too."""
    ran = subprocess.run(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return ran.stdout


def cores_at_work(threads: int) -> float:
    """How many cores `threads` threads of plain Python keep busy: CPU seconds per second."""

    def spin(_number: int) -> None:
        for _ in range(5_000_000):
            pass

    began, used = perf_counter(), process_time()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(spin, range(threads)))
    return (process_time() - used) / (perf_counter() - began)


# %% [markdown]
# The package `weather` lies beside this file; have a look at it in the file browser. What does its import say?

# %%
if __name__ == "__main__":
    print(fresh_python("-c", "import weather.report, sys; print('GIL on:', sys._is_gil_enabled())"))

# %% [markdown]
# ## Your turn, 1: a detective
#
# `who_enabled_the_gil("some.module")` names the module that turned the GIL on when `some.module` was imported. It works for
# **any** package, whatever else that prints or warns of, and returns `None` if nobody did it. It leaves *this* process as
# it is.


# %%
def who_enabled_the_gil(module_name: str) -> str | None:
    """The full name of the module that turns the GIL on when `module_name` is imported; None: it stays off."""
    # Your turn: this blames whoever was imported; ask a fresh Python.
    return module_name


# %% [markdown]
# ## Your turn, 2: without it
#
# `report` was "fixed" once: its import was moved into the function. That only put it off to the first call. Make `report`
# give the same lines **with the GIL off, before and after**. What pip installed stays as it is: you change `report`, not
# `weather`. And forcing the GIL off, as the warning offers, does not count.

# %%
READINGS = [("Oulu", -12.5, 24.0), ("Zermatt", -4.0, 3.0), ("Galway", 6.5, 61.0)]


def report(readings: list[tuple[str, float, float]]) -> list[str]:
    """One line for each (station, degrees Celsius, wind in km/h), the coldest to the skin first."""
    # Your turn: the same lines without the module that needs the GIL.
    from weather.report import lines

    return list(lines(readings))


# %% [markdown]
# ## Try it
#
# If the GIL is on in this kernel, no edit turns it off: *Kernel > Restart Kernel and Run All Cells*. And a child process
# inherits the environment: what `report` has set here, a fresh Python finds there.

# %%
if __name__ == "__main__":
    print("json:          ", who_enabled_the_gil("json"))
    print("weather.report:", who_enabled_the_gil("weather.report"))

# %%
if __name__ == "__main__":
    print(f"before: {gil_state()}; {cores()} threads keep {cores_at_work(cores()):.1f} cores busy")
    print("\n".join(report(READINGS)))
    print(f"after:  {gil_state()}; {cores()} threads keep {cores_at_work(cores()):.1f} cores busy")

# %% [markdown]
# ## Check it

# %%
# %check

# %% [markdown]
# ## Then: be the maintainer
#
# Open `weather/units/_fast.c`. The module keeps no state, so it needs no lock. Say so: add
# `{Py_mod_gil, Py_MOD_GIL_NOT_USED},` as the first of its `slots`, save, and run the cell with `fresh_python` again (the
# edited source is compiled on the next import, if there is a compiler). Who is to blame now?
