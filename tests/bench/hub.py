"""A class that starts at once, and what one start costs: ours beside JupyterHub and JupyterLab as they come."""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from foundation import cores
from foundation.problem import Problem
from provisioning.here import engine
from provisioning.here.engine import Engine
from provisioning.here.place import Place
from provisioning.hub_client.visitor import Visitor
from provisioning.rehearsal.attendee import Attendee, Room
from provisioning.rehearsal.model import Phase, Rehearsal
from provisioning.rehearsal.organiser import Access, organiser_of
from tests.bench import cpu
from tests.bench.figures import Figure
from tests.docker.stack import Stack
from tests.provisioning.rehearsal.local_class import LocalClass, local_class

CLASS = 20
ROUNDS = 3
MB = 1e6


@dataclass(frozen=True)
class Burst:
    """Simultaneous starts: seconds until each session was ready, soonest first, and the CPU-seconds of all of them."""

    ready_s: list[float]
    cpu_s: float
    reasons: set[str]


def hub() -> Iterator[Figure]:
    """One session's start, then a class of them."""
    yield from one_session()
    yield from a_class()


def one_session() -> Iterator[Figure]:
    """A session's server alone, stock and ours in turns, each the median of its rounds: local processes."""
    with classes() as (ours, stock):
        costs: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
        for _ in range(ROUNDS):
            for is_stock, arm in ((True, stock), (False, ours)):
                costs[is_stock].append(cost_of_one(arm))
    for unit, at in (("CPU-s", 0), ("MB", 1)):
        values = {arm: statistics.median(cost[at] for cost in found) for arm, found in costs.items()}
        what = {"CPU-s": "CPU of a session's start", "MB": "memory of a session's server"}[unit]
        yield Figure(f"{what}, stock JupyterLab", values[True], unit)
        yield Figure(f"{what}, ours", values[False], unit)
        yield Figure(f"{what}, ours over stock", values[False] / values[True], "x", at_most=0.6)


def a_class() -> Iterator[Figure]:
    """Twenty starts at once, with JupyterHub's defaults and with ours, and one start alone."""
    with classes() as (_, stock):
        default = asyncio.run(simultaneous(stock.access(CLASS), stock.cpu_s))
    yield Figure(f"{CLASS} starts at once, JupyterHub's defaults: ready (processes)", len(default.ready_s), "sessions")
    with ours_for_a_class() as (kind, access, cpu_s):
        alone = [asyncio.run(simultaneous(access(1), cpu_s)) for _ in range(ROUNDS)]
        burst = asyncio.run(simultaneous(access(CLASS), cpu_s))
    for reason in sorted(burst.reasons):
        print(f"    {reason}")
    yield Figure(f"{CLASS} starts at once, ours: ready ({kind})", len(burst.ready_s), "sessions", at_least=CLASS)
    if not burst.ready_s:
        return
    lone_s = statistics.median(each.ready_s[0] for each in alone)
    lone_cpu_s = statistics.median(each.cpu_s for each in alone)
    ideal_s = CLASS * lone_cpu_s / cores.usable()
    yield Figure("a start alone", lone_s, "s")
    yield Figure("a start alone: CPU of all that takes part", lone_cpu_s, "CPU-s")
    yield Figure(f"first of {CLASS} ready", burst.ready_s[0], "s")
    yield Figure(f"first of {CLASS} ready, over a start alone", burst.ready_s[0] / lone_s, "x", at_most=1.3)
    yield Figure(f"last of {CLASS} ready", burst.ready_s[-1], "s")
    yield Figure(f"last of {CLASS} ready, over {CLASS} x CPU / cores", burst.ready_s[-1] / ideal_s, "x", at_most=1.15)
    yield Figure(f"CPU of a start among {CLASS}, over one alone", burst.cpu_s / CLASS / lone_cpu_s, "x")


@contextmanager
def classes() -> Iterator[tuple[LocalClass, LocalClass]]:
    """Two hubs of local processes: ours, and stock."""
    python = Place.from_environment().lab_python()
    assert python is not None
    with (
        tempfile.TemporaryDirectory() as first,
        tempfile.TemporaryDirectory() as second,
        local_class(Path(first), python) as ours,
        local_class(Path(second), python, stock=True) as stock,
    ):
        yield ours, stock


@contextmanager
def ours_for_a_class() -> Iterator[tuple[str, Callable[[int], Access], Callable[[], float]]]:
    """Its kind (containers if an engine answers), what gives so many attendees access, and the CPU spent so far.

    What containers cost is spent by the engine and the kernel too: there it is the whole machine's.
    """
    if not has_engine():
        with classes() as (ours, _):
            yield "processes", ours.access, ours.cpu_s
        return
    with tempfile.TemporaryDirectory() as scratch:
        stack = Stack.new(Path(scratch))
        try:
            stack.up()
            yield "containers", lambda attendees: access_of(stack, attendees), cpu.of_machine
        finally:
            stack.remove()


def has_engine() -> bool:
    """Whether an engine answers here on which the workshop can run."""
    found = engine.look()
    if not isinstance(found, Engine):
        return False
    try:
        engine.require_fit(found, gpu=False)
    except Problem:
        return False
    return True


def access_of(stack: Stack, attendees: int) -> Access:
    """What a rehearsal at `stack` needs."""
    said = stack.compose("exec", "-T", "hub", "python", "-m", "hub.seats", "--rehearse", str(attendees), "--anyway")
    return Access(stack.url, **json.loads(said))


async def simultaneous(access: Access, cpu_s: Callable[[], float]) -> Burst:
    """Every seat's attendee starts at once; then all of it is removed."""
    room = Room()
    async with organiser_of(access), AsyncExitStack() as doors:
        crowd = [Attendee(access.url, name, code, room) for name, code in access.seats.items()]
        for each in crowd:
            await doors.enter_async_context(each)
        await asyncio.gather(*(each.go_through(Phase.LOG_IN) for each in crowd))
        before = cpu_s()
        await asyncio.gather(*(each.go_through(Phase.START) for each in crowd if each.is_in))
        spent = cpu_s() - before
    found = Rehearsal(access.url, tuple(access.seats), tuple(step for each in crowd for step in each.steps))
    return Burst(found.ready_s(), spent, {step.failure for step in found.failures})


def cost_of_one(arm: LocalClass) -> tuple[float, float]:
    """CPU-seconds and MB of one session's server when it is ready."""

    async def measure() -> tuple[float, float]:
        access = arm.access(1)
        ((name, code),) = access.seats.items()
        async with organiser_of(access), Visitor(access.url, name, code) as attendee:
            await attendee.log_in()
            await attendee.start(Room().choose)
            (server,) = arm.sessions
            return cpu.of_process(server), server.memory_bytes / MB

    return asyncio.run(measure())
