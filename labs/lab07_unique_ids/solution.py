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
# # 07 · Unique ids: one seat, one person
#
# You look: the seat is free. You act: you take it. Between the two, somebody else has looked as well. What you saw **was**
# true; it is not true any more when you act on it.
#
# ![Ana and Ben both see that the seat is free, and both take it. With a lock, looking and taking is one step.](look_then_act.svg)
#
# Your task: a box office that sells each seat once and numbers each ticket once, and still lets many people pay at the same
# time.

# %%
from collections.abc import Callable
from functools import partial
from threading import Barrier, Lock, Thread
from time import sleep

from labs.kit import Timeline, gil_state

# %% [markdown]
# ## The shortest race: `n += 1`
#
# One line, three steps: read `n`, add 1, write `n`. Four threads count, 500,000 steps each. Run the cell a few times.


# %%
def all_together(calls: list[Callable[[], object]]) -> None:
    """Make all `calls`, each on a thread of its own, from the same moment on; return when all have ended."""
    start = Barrier(len(calls))
    threads = [Thread(target=lambda call=call: (start.wait(), call())) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def counted(threads: int, steps: int) -> int:
    """Where one counter stands after `threads` threads have counted on it, `steps` steps each."""
    n = 0

    def count() -> None:
        nonlocal n
        for _ in range(steps):
            n += 1

    all_together([count] * threads)
    return n


if __name__ == "__main__":
    n = counted(threads=4, steps=500_000)
    print(f"{gil_state()}: counted {n:,} of 2,000,000, {1 - n / 2_000_000:.0%} lost")

# %% [markdown]
# ## Your turn
#
# `holder` is the seating plan, seat to person. Others read it, so it has to be right. `pay(person)` takes the money: it is
# **slow**, it works for several people at the same time, and it raises an exception if the card is refused.
#
# * A seat is sold once, and only the one who gets it pays. Even if one person clicks twice.
# * No ticket number is given twice. A number may stay unused.
# * While one person pays, others can book **other** seats and pay as well.
# * If `pay` raises, so does `book`, and the seat is free again.


# %%
class BoxOffice:
    """Sells the seats that are not in `holder` yet. May be used by any number of threads."""

    def __init__(self, holder: dict[str, str]) -> None:
        self.holder = holder
        self.issued = 0  # the number of the last ticket
        self.lock = Lock()

    def book(self, seat: str, person: str, pay: Callable[[str], object]) -> int | None:
        """The number of `person`'s ticket for `seat`, paid; None if the seat is taken."""
        #: answer  one seat, one person; one number, one ticket
        with self.lock:
            if seat in self.holder:
                return None
            self.holder[seat] = person
            self.issued += 1
            number = self.issued
        try:
            pay(person)
        except BaseException:
            with self.lock:
                del self.holder[seat]
            raise
        return number
        #: starter
        # if seat in self.holder:
        #     return None
        # pay(person)
        # self.holder[seat] = person
        # self.issued += 1
        # return self.issued
        #: end


# %% [markdown]
# ## Try it
#
# Six people, three seats, all at once. A bar is a person who pays. How many bars should there be, and where?

# %%
if __name__ == "__main__":
    timeline = Timeline()
    office = BoxOffice({})
    wishes = {"Ana": "A1", "Ben": "A1", "Cleo": "B2", "Dan": "B2", "Eva": "C3", "Finn": "C3"}

    @timeline.watch
    def pay(_person: str) -> None:
        sleep(0.2)  # stands for the card terminal

    def visit(person: str) -> None:
        ticket = office.book(wishes[person], person, pay)
        print(f"{person} wants {wishes[person]}: {f'ticket {ticket}' if ticket else 'taken'}\n", end="")

    all_together([partial(visit, person) for person in wishes])
    print(office.holder)
    timeline.show()

# %% [markdown]
# ## Check it
#
# `%check` does not hope for a race. It stops one booking before each of its steps, lets another booking in, and looks.

# %%
# %check

# %% [markdown]
# ## Then: luck is not a lock
#
# Change to the kernel *Free-threaded Python, GIL on* and run the counting cell: nothing is lost. Now replace `n += 1` by
# `n = n + one()`, with `def one(): return 1` above `counted`, and run it again.
