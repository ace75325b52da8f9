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
# # 20 · A histogram's race
#
# How many pixels are dark, how many bright? It takes one line, `hist[data[i]] += 1`, and a GPU runs it in thousands of
# threads at once. But that line is three steps: *read* the count, add one, *write* it back. Threads that read the same old
# count write the same new one, and all of their updates but one are lost:
#
# ![Three ways to add to one count: a race, atomic updates that queue, and a private copy for each block.](three_ways.svg)
#
# Your task: first make the counts **right**, then make the threads **stop queueing**.

# %%
from typing import Any

import numpy as np

from labs.device import cost, cuda, grid, is_simulated, last_launch, where  # numba.cuda, or its simulator
from labs.kit import show_bars, show_image

# %% [markdown]
# ## What is given
#
# A kernel that races. Each thread takes every *n*-th element, *n* being the number of all threads: a **grid-stride loop**.
# It works for any size of data and any grid, and it never reaches past the end.


# %%
@cuda.jit
def count_racy(data: np.ndarray, hist: np.ndarray) -> None:
    """Adds to hist[level] how often `level` is in data."""
    for i in range(cuda.grid(1), data.size, cuda.gridsize(1)):
        hist[data[i]] += 1


# %% [markdown]
# The host's side: copy the data to the device, launch, copy the counts back.


# %%
def histogram(kernel: Any, data: np.ndarray, bins: int) -> np.ndarray:
    """How often each of the levels 0 to bins - 1 is in `data`, counted by `kernel`."""
    hist = cuda.to_device(np.zeros(bins, dtype=np.int32))
    kernel[grid()](cuda.to_device(data), hist)
    counts: np.ndarray = hist.copy_to_host()
    return counts


# %% [markdown]
# ## Your turn, step 1: right
#
# `cuda.atomic.add(array, index, value)` reads, adds and writes in one step that nobody can get between.


# %%
@cuda.jit
def count_with_atomics(data: np.ndarray, hist: np.ndarray) -> None:
    """As count_racy, and no update is lost."""
    # Your turn: let no update be lost.
    for i in range(cuda.grid(1), data.size, cuda.gridsize(1)):
        hist[data[i]] += 1


# %% [markdown]
# ## Step 2: without the queue
#
# Atomic updates of one address happen one after the other, and a dark picture sends most threads to the same few counts.
# Give each **block** a histogram of its own in *shared memory*, small and close to its threads, and add it to `hist` at the
# end. Then `hist` gets at most one update for each block and bin:
#
# * `cuda.shared.array(MOST_BINS, np.int32)` is one array for all threads of a block. It begins with whatever was left there.
# * `cuda.syncthreads()` lets no thread go on until all threads of its block are there.
# * A block may have more threads than there are bins, or fewer. `hist.size` is at most `MOST_BINS`.

# %%
MOST_BINS = 256  # a constant: the compiler has to know how much shared memory a block takes


@cuda.jit
def count_in_shared_memory(data: np.ndarray, hist: np.ndarray) -> None:
    """As count_with_atomics; each block counts in shared memory and adds its counts to hist once."""
    # Your turn: zero the block's own counts, count into them, add them to hist; some have to wait for others.
    for i in range(cuda.grid(1), data.size, cuda.gridsize(1)):
        hist[data[i]] += 1


# %% [markdown]
# ## Try it
#
# Without a GPU, kernels run on Numba's simulator. Here its threads take turns, and all of a block read before the first
# writes, as a GPU's warps do: the race shows every time. The simulator notes each access, so it can name a **hazard**: two
# threads at one address, one of them writing, and nothing that says who comes first.

# %%
KERNELS = (count_racy, count_with_atomics, count_in_shared_memory)

if __name__ == "__main__":
    print(where())
    side, bins = (40, 16) if is_simulated() else (4096, 16)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    sky = (bins * np.exp(-2 * (x * x + y * y))).astype(np.uint8)  # bright in the middle, dark around it
    show_image(sky)

    counts = {"numpy": np.bincount(sky.ravel(), minlength=bins)}
    for kernel in KERNELS:
        counts[kernel.__name__] = histogram(kernel, sky.ravel(), bins)
        print(f"\n{kernel.__name__}: {counts[kernel.__name__].sum()} of {sky.size} pixels counted")
        print(last_launch())
    show_bars(counts)

# %% [markdown]
# ## Check it
#
# `%check` runs your **saved** file in a fresh process, and tells what it proved, and on what device.

# %%
# %check

# %% [markdown]
# ## Then: what the queue costs
#
# What do the kernels cost when every level is as likely as the next, and when there is one level only? A GPU tells the time.
# The simulator tells how often global memory was updated. Change `bins`: at how many does a private copy stop paying off?

# %%
if __name__ == "__main__":
    for name, levels in (("all levels", np.arange(sky.size) % bins), ("one level", np.zeros(sky.size))):
        data = cuda.to_device(levels.astype(np.uint8))
        for kernel in KERNELS:
            hist = cuda.to_device(np.zeros(bins, dtype=np.int32))
            print(f"{name:<11} {kernel.__name__:<24} {cost(kernel, data, hist)}")
