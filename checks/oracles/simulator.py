"""Numba's CUDA simulator, one thread at a time, with each access to global and shared memory taken down.

Numba's own runs a block's threads all at once and needs the GIL for its shared arrays and atomics. Here they take
turns: a turn ends before a thread writes what it has read. So all read the old value before the first writes a new one,
as in a GPU's warps, which go in step: what can be lost is lost, and a kernel gives the same result every time, GIL or
none.

    with simulator.watch() as launches:
        kernel[4, 32](data, hist)
    gpu_races.require_none(launches)

The one hook is `numba.cuda.simulator.kernel.BlockManager`, which Numba makes anew for every block.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from inspect import signature
from types import SimpleNamespace
from typing import Any

from checks.oracles.gpu_races import Access, Element, Index, Kind, Launch, Line, Space, Trouble, quote
from checks.oracles.simulated_memory import Atomics, OutOfBounds, Shared, WatchedArray, line_in_kernel

__all__ = ["OutOfBounds", "attach", "is_on", "watch"]

_LONGEST_TURN = 32  # accesses: a thread that waits for another one's flag must not wait for ever


def is_on() -> bool:
    """Whether `numba.cuda` is the simulator in this process (NUMBA_ENABLE_CUDASIM, read when Numba is imported)."""
    from numba.core import config

    return bool(config.ENABLE_CUDASIM)


@contextmanager
def watch() -> Iterator[list[Launch]]:
    """In the block every launch goes in step and is added to the list. Assumes: `is_on()`."""
    launches: list[Launch] = []
    detach = attach(launches.append)
    try:
        yield launches
    finally:
        detach()


def attach(on_launch: Callable[[Launch], None]) -> Callable[[], None]:
    """From now on launches go in step and `on_launch` gets each as it begins; call what is returned to end that."""
    from numba.cuda.simulator import kernel as numba_side

    before, current = numba_side.BlockManager, SimpleNamespace(context=None, launch=None)

    def new_block(function: Callable[..., None], grid_dim: Index, block_dim: Index, _debug: bool) -> _Block:
        context = numba_side._get_kernel_context()  # one object for each launch
        if context is not current.context:
            names = tuple(signature(function).parameters)
            current.context = context
            current.launch = Launch(function.__name__, names, tuple(grid_dim), tuple(block_dim))
            on_launch(current.launch)
        return _Block(function, current.launch, context)

    numba_side.BlockManager = new_block
    return lambda: setattr(numba_side, "BlockManager", before)


class _Abandoned(BaseException):
    """The launch has ended early: what a thread gets that was still waiting for its turn."""


class _Thread(threading.Thread):
    """One CUDA thread, which runs in its turns only. Numba's fakes ask it who it is."""

    def __init__(self, block: _Block, index: Index, call: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.block = block
        self.index = index
        self.threadIdx = SimpleNamespace(x=index[0], y=index[1], z=index[2])
        self.blockIdx = SimpleNamespace(**dict(zip("xyz", block.index, strict=True)))
        width, height, _depth = block.launch.block
        self.thread_id = index[0] + width * (index[1] + height * index[2])
        self.error: BaseException | None = None
        self.has_turn = False
        self.has_ended = False
        self.barrier: Line | None = None  # where it waits for the others
        self._call = call
        self._accesses = 0  # in this turn
        self._read: set[int] = set()  # addresses, in this turn
        self._turn, self._turn_is_over = threading.Lock(), threading.Lock()
        self._turn.acquire()
        self._turn_is_over.acquire()

    def run(self) -> None:
        try:
            self._wait_for_turn()
            self._call()
        except _Abandoned:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again by the block, in the thread that launched it
            self.error = error
        finally:
            self.has_ended = True
            self._turn_is_over.release()

    def give_turn(self) -> None:
        """Let it run to the end of its turn: a write, a barrier, its end. Called by the block."""
        self.has_turn = True
        self._turn.release()
        self._turn_is_over.acquire()
        self.has_turn = False

    def pause(self) -> None:
        """End this turn and wait for the next. Called by the thread itself."""
        self._turn_is_over.release()
        self._wait_for_turn()

    def access(self, element: Element, kind: Kind, value: object, ends_turn: bool) -> None:
        """Take down that this thread is about to touch `element`, in its next turn if this one is over."""
        if self.block.is_abandoned:
            raise _Abandoned
        line = line_in_kernel()
        self._accesses += 1
        if ends_turn or (kind is Kind.WRITE and element.address in self._read) or self._accesses >= _LONGEST_TURN:
            self.pause()
        if kind is Kind.READ:
            self._read.add(element.address)
        block = self.block
        block.launch.note(element, Access(block.index, self.index, block.interval, kind, line, value))

    def reach_outside(self, what: str) -> None:
        """Take down that this thread reaches for `what`, which does not exist; raises OutOfBounds."""
        line = line_in_kernel()
        who = Access(self.block.index, self.index, self.block.interval, Kind.READ, line).who
        self.block.launch.add(Trouble.BOUNDS, f"{who} reaches for {what}: {quote(line)}", (Trouble.BOUNDS, line))
        raise OutOfBounds(f"{who} reaches for {what}")

    def _wait_for_turn(self) -> None:
        self._turn.acquire()
        self._accesses = 0
        self._read.clear()
        if self.block.is_abandoned:
            raise _Abandoned

    def syncthreads(self) -> None:
        """cuda.syncthreads()."""
        self.barrier = line_in_kernel()
        self.pause()

    def syncthreads_count(self, value: object) -> int:
        """cuda.syncthreads_count(value)."""
        return sum(self._vote(value))

    def syncthreads_and(self, value: object) -> int:
        """cuda.syncthreads_and(value)."""
        return int(all(self._vote(value)))

    def syncthreads_or(self, value: object) -> int:
        """cuda.syncthreads_or(value)."""
        return int(any(self._vote(value)))

    def _vote(self, value: object) -> list[bool]:
        self.block.votes[self.thread_id] = bool(value)
        self.syncthreads()
        votes = list(self.block.votes.values())
        self.syncthreads()
        return votes


class _Block:
    """One block of a launch: what Numba calls a BlockManager."""

    def __init__(self, function: Callable[..., None], launch: Launch, context: Any) -> None:
        self.launch = launch
        self.index: Index = (0, 0, 0)
        self.interval = 0
        self.is_abandoned = False
        self.votes: dict[int, bool] = {}
        self._function = function
        self._context = context

    def run(self, grid_point: Sequence[int], *args: Any) -> None:
        """Run the block at `grid_point` to its end; raises what a thread raised."""
        self.index = tuple(grid_point)
        self._context._shared = Shared(self._context._shared)
        self._context._atomic = Atomics()
        watched = self._watch_arrays(args)
        indices = itertools.product(*map(range, reversed(self.launch.block)))
        threads = [_Thread(self, (x, y, z), lambda: self._call(watched)) for z, y, x in indices]
        try:
            for thread in threads:
                thread.start()
            self._run_in_step(threads)
        finally:
            self._abandon(threads)
            self._context._shared = self._context._shared.before

    def _call(self, arguments: Sequence[Any]) -> None:
        import numpy as np

        with np.errstate(all="ignore"):  # a GPU's numbers overflow without a word
            self._function(*arguments)

    def _run_in_step(self, threads: list[_Thread]) -> None:
        live = threads
        while live:
            for thread in live:
                if thread.barrier is None:
                    thread.give_turn()
                if thread.error:
                    raise thread.error
            ended = sum(thread.has_ended for thread in threads)
            live = [thread for thread in live if not thread.has_ended]
            if live and all(thread.barrier for thread in live):
                self._pass_barrier(live, ended)

    def _pass_barrier(self, waiting: list[_Thread], ended: int) -> None:
        lines = sorted({thread.barrier for thread in waiting if thread.barrier})
        if ended or len(lines) > 1:
            others = f"{ended} have ended" if ended else f"others wait at {quote(lines[1])}"
            text = f"of block {self.index[0]}, threads wait at {quote(lines[0])}, and {others}"
            self.launch.add(Trouble.BARRIER, text, (Trouble.BARRIER, *lines))
        self.interval += 1
        for thread in waiting:
            thread.barrier = None

    def _abandon(self, threads: list[_Thread]) -> None:
        """End the threads that still wait for a turn: none if the block came to its end.

        One that was interrupted in its turn ends at its next access; nobody waits for that.
        """
        self.is_abandoned = True
        for thread in threads:
            if thread.is_alive() and not thread.has_turn:
                if not thread.has_ended:
                    thread.give_turn()
                thread.join()

    def _watch_arrays(self, args: Sequence[Any]) -> list[Any]:
        from numba.cuda.simulator.cudadrv.devicearray import FakeWithinKernelCUDAArray as Fake

        names = [*self.launch.parameters, *(f"argument {number}" for number in range(len(args)))]
        return [
            WatchedArray(each._item._ary, name, Space.GLOBAL) if isinstance(each, Fake) else each
            for each, name in zip(args, names, strict=False)
        ]
