"""What lab 20 proves: no thread out of bounds, no hazard, exact counts, and a block that counts in shared memory."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from checks.exercise import Exercise
from checks.oracles import answers, gpu_kernels, gpu_races, gpu_speed, simulator
from checks.oracles.gpu_races import Kind, Launch, Space, Trouble
from checks.suite import Failed, Found, Skipped, check

ATOMICS, SHARED = "count_with_atomics", "count_in_shared_memory"
SIGNATURE = "void(uint8[::1], int32[::1])"
ENOUGH = 2.0
MARGIN = 64  # elements before and after what the kernel is given


class Case(NamedTuple):
    """What is counted, on which grid. Most grids are no multiple of anything."""

    what: str
    data: Sequence[int]
    bins: int
    blocks: int
    threads: int


def small_cases() -> list[Case]:
    """Odd sizes and grids, small enough for the simulator."""
    levels = [min(random.getrandbits(6), random.getrandbits(6)) % 50 for _ in range(211)]
    return [
        Case("211 elements, 50 bins, more bins than threads", levels, 50, 3, 16),
        Case("97 elements, all in one bin", [random.randrange(5)] * 97, 5, 2, 32),
        Case("the edges of 256 bins", random.sample([0, 255] * 30, 59), 256, 2, 24),
        Case("all different", random.sample(range(200), 200), 200, 2, 33),
        Case("fewer elements than threads", [2, 0, 2], 3, 2, 16),
        Case("nothing", [], 7, 2, 16),
    ]


def large_cases() -> list[Case]:
    """Much for few bins: what a GPU needs to lose updates."""
    size = 1_000_003
    return [
        Case("a million, all in one bin", [3] * size, 5, 120, 256),
        Case("a million, two bins", random.choices([0, 1], [9, 1], k=size), 2, 77, 192),
        Case("a million, 256 bins", random.choices(range(256), k=size), 256, 120, 256),
    ]


def count(exercise: Exercise, name: str, case: Case) -> Any:
    """The counts that kernel `name` adds to a `hist` that is not empty, less what was there before."""
    import numpy as np
    from numba import cuda

    # what lies around the arrays is ours: a kernel that reads or writes past an end shows in the counts
    around = np.zeros(len(case.data) + MARGIN, np.uint8)
    around[: len(case.data)] = case.data
    before = np.random.default_rng().integers(1, 1000, case.bins + 2 * MARGIN).astype(np.int32)
    data, hist = cuda.to_device(around), cuda.to_device(before)
    inner = slice(MARGIN, MARGIN + case.bins)
    gpu_kernels.launch(exercise, name, (case.blocks, case.threads), data[: len(case.data)], hist[inner])
    change = hist.copy_to_host() - before
    if change[: inner.start].any() or change[inner.stop :].any():
        raise Failed(f"`{name}` writes outside `hist` ({case.what})", expected="indices from 0 to hist.size - 1")
    return change[inner]


class Seen(NamedTuple):
    """One launch on the simulator: what it did, and the counts that came out, None if it ended early."""

    case: Case
    launch: Launch
    counts: Any


_seen: dict[str, list[Seen]] = {}  # this process judges one exercise


def watched(exercise: Exercise, *names: str) -> Iterator[Seen]:
    """Each small case as each kernel does it on the simulator: launched once, for all checks."""
    for name in names:
        if name not in _seen:
            _seen[name] = [watch(exercise, name, case) for case in small_cases()]
        yield from _seen[name]


def watch(exercise: Exercise, name: str, case: Case) -> Seen:
    """Launch the kernel and watch it."""
    counts = None
    with simulator.watch() as launches, suppress(simulator.OutOfBounds):  # which is among the findings
        counts = count(exercise, name, case)
    return Seen(case, launches[0], counts)


def require_exact(exercise: Exercise, name: str) -> str:
    """What was found, where all counts are right, on this device; large cases on a GPU only, several times."""
    import numpy as np

    if simulator.is_on():
        results = [(seen.case, seen.counts) for seen in watched(exercise, name)]
    else:
        results = [(case, count(exercise, name, case)) for case in small_cases() + large_cases() * 5]
    for case, counts in results:
        expected = np.bincount(np.array(case.data, dtype=np.int64), minlength=case.bins).astype(np.int32)
        answers.same_array(counts, expected, f"what `{name}` adds to `hist` ({case.what})")
    return f"{len(results)} histograms exact"


@check("bounds", "No thread reaches past the end of an array")
@gpu_kernels.on_simulator("bounds")
def bounds(exercise: Exercise) -> str:
    """The number of elements is no multiple of the number of threads, and neither is the number of bins: let each
    thread stop at `data.size`, and at `hist.size`.
    """
    launches = [seen.launch for seen in watched(exercise, ATOMICS, SHARED)]
    return f"{gpu_races.require_none(launches, Trouble.BOUNDS)} launches, every index inside"


@check("share", "The threads share the work", requires=["bounds"])
@gpu_kernels.on_simulator("share")
def share(exercise: Exercise) -> str:
    """Let each thread read its own part of `data`, as the loop of `count_racy` does."""
    for case, launch, _counts in watched(exercise, ATOMICS, SHARED):
        threads = case.blocks * case.threads
        fair = -(-len(case.data) // threads)
        most = max(launch.elements_of_each_thread(launch.parameters[0], Kind.READ), default=0)
        if most > 2 * fair:
            found = f"in `{launch.kernel}` one of {threads} threads reads {most} of {len(case.data)} elements"
            raise Failed(found, expected=f"{fair} for each thread, or little more")
    return "no thread reads more than its share"


@check("atomics_safe", f"`{ATOMICS}`: no update can be lost", requires=["bounds"])
@gpu_kernels.on_simulator("atomics_safe")
def atomics_safe(exercise: Exercise) -> str:
    """Two threads are at the same count. `cuda.atomic.add` makes reading, adding and writing one step."""
    launches = [seen.launch for seen in watched(exercise, ATOMICS)]
    return f"0 hazards in {gpu_races.require_none(launches)} launches"


@check("atomics_exact", f"`{ATOMICS}`: every element is counted once", requires=["atomics_safe"])
def atomics_exact(exercise: Exercise) -> str:
    """Look at which elements each thread takes: all of `data` must be covered by any grid, and nothing twice."""
    return require_exact(exercise, ATOMICS)


@check("shared_safe", f"`{SHARED}`: every wait is there", requires=["bounds", "atomics_exact"])
@gpu_kernels.on_simulator("shared_safe")
def shared_safe(exercise: Exercise) -> str:
    """Three phases: zero, count, add to `hist`. In each a thread meets what other threads of its block made in the one
    before: all must have finished it. And `hist` belongs to all blocks: what they do to it must be atomic.
    """
    launches = [seen.launch for seen in watched(exercise, SHARED)]
    return f"0 hazards in {gpu_races.require_none(launches)} launches"


@check("shared_exact", f"`{SHARED}`: every element is counted once", requires=["shared_safe"])
def shared_exact(exercise: Exercise) -> str:
    """Look at who adds which of the block's counts to `hist`: each of them once, whatever the number of threads is."""
    return require_exact(exercise, SHARED)


@check("private", "Each block counts in shared memory", requires=["shared_exact"])
@gpu_kernels.on_simulator("private")
def private(exercise: Exercise) -> str:
    """In the loop over `data`, count in the block's own array. `hist` gets each bin once from each block, at the end."""
    most = 0
    for case, launch, _counts in watched(exercise, SHARED):
        if len(case.data) <= case.blocks * case.bins:
            continue  # too little data to tell: one update for each element would not be more
        for block in {block for block, _space, _kind in launch.tally}:
            updates = launch.tally[block, Space.GLOBAL, Kind.ATOMIC]
            most = max(most, updates)
            if updates > case.bins:
                found = f"a block made {updates} atomic updates in global memory for {case.bins} bins"
                raise Failed(found, expected=f"{case.bins} at most: one for each bin")
        if not launch.total(Space.SHARED, Kind.ATOMIC) + launch.total(Space.SHARED, Kind.WRITE):
            raise Failed("nobody counted in shared memory", expected="a `cuda.shared.array` that the block counts in")
    return f"at most {most} updates of `hist` from a block: one for each bin"


@check("compiles", "Both kernels compile for a GPU", requires=["private", "share"], limit_s=40)
def compiles(exercise: Exercise) -> str:
    """The simulator is Python and forgives what a GPU does not: calls of NumPy, lists, an array in shared memory whose
    size is not a constant.
    """
    return gpu_kernels.require_compiles(exercise, {ATOMICS: SIGNATURE, SHARED: SIGNATURE})


def launch_both(exercise: Exercise) -> None:
    """Launch both kernels on the small cases: what compute-sanitizer watches."""
    for case in small_cases():
        for name in (ATOMICS, SHARED):
            count(exercise, name, case)


@check("sanitizer", "compute-sanitizer has no complaint", requires=["compiles"], limit_s=130)
def sanitizer(exercise: Exercise) -> str:
    """memcheck: compare every index with the size of its array. racecheck: threads of a block meet in shared memory with
    no barrier between them.
    """
    return "; ".join(gpu_kernels.sanitized(launch_both, exercise, tool) for tool in ("memcheck", "racecheck"))


@check("speed", f"Shared memory gains at least {ENOUGH:g}x over global atomics", requires=["compiles"])
def faster(exercise: Exercise) -> Found:
    """Many elements for each block, one update of `hist` for each bin: what else does a thread do in the loop?"""
    if simulator.is_on():
        raise Skipped("no GPU here: the simulator's time says nothing about a GPU's")
    import numpy as np
    from numba import cuda

    data = cuda.to_device(np.zeros(1 << 24, np.uint8))  # one bin: every update of it queues behind the others
    hist = cuda.to_device(np.zeros(256, np.int32))
    grid = 8 * cuda.get_current_device().MULTIPROCESSOR_COUNT, 256
    atomics, shared = (gpu_kernels.kernel(exercise, name) for name in (ATOMICS, SHARED))
    measured = gpu_speed.compare(lambda: shared[grid](data, hist), lambda: atomics[grid](data, hist))
    return gpu_speed.require(measured, ENOUGH, "16 million elements in one bin")
