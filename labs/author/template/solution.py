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
# # 00 · A lab to be
#
# The one idea, and a picture of it.

# %%
from concurrent.futures import ThreadPoolExecutor

from labs.kit import Timeline, cores

# %% [markdown]
# ## Your turn
#
# What `squares` must do, as rules that a check can prove.


# %%
def squares(numbers: list[int], workers: int, square=lambda number: number * number) -> list[int]:
    """The square of each number, in order, `workers` at the same time."""
    #: answer  use `workers` threads
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(square, numbers))
    #: starter
    # return [square(number) for number in numbers]
    #: end


# %% [markdown]
# ## Try it

# %%
if __name__ == "__main__":
    timeline = Timeline()
    print(squares([3, 1, 2], cores(), timeline.watch(lambda number: number * number)))
    timeline.show()

# %% [markdown]
# ## Check it

# %%
# %check
