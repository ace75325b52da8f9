"""All attendees of a rehearsal at once; afterwards nothing of them is left."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp

from provisioning.rehearsal.attendee import Attendee, Room
from provisioning.rehearsal.model import Phase, Rehearsal
from provisioning.rehearsal.organiser import INSTRUCTOR, Organiser, enter
from provisioning.rehearsal.visitor import FailedError

LOOK_EVERY_S = 0.25
Show = Callable[[float, Sequence[Attendee]], None]


@dataclass(frozen=True, slots=True)
class Access:
    """Where the workshop is, and what opens it: `python -m hub.seats --rehearse N` gives the secrets."""

    url: str
    instructor: str
    seats: Mapping[str, str]


async def rehearse(access: Access, show: Show, *, anyway: bool = False) -> Rehearsal:
    """Let every seat's attendee go through all phases. Raises Problem where a class is at work, unless `anyway`.

    Guarantees: however it ends, cancelled too, the attendees, their sessions and homes are removed before it returns.
    """
    async with Organiser(access.url, INSTRUCTOR, access.instructor) as organiser:
        await enter(organiser)
        if not anyway:
            await organiser.require_an_empty_class()
        await _remove_all(organiser)  # what a killed rehearsal left
        try:
            return await _attend(access, show)
        finally:
            await _to_its_end(_remove_all(organiser))


async def _attend(access: Access, show: Show) -> Rehearsal:
    room = Room()
    async with AsyncExitStack() as doors:
        crowd = [Attendee(access.url, name, secret, room) for name, secret in access.seats.items()]
        for attendee in crowd:
            await doors.enter_async_context(attendee)
        telling = asyncio.create_task(_tell(room, crowd, show))
        try:
            for phase in Phase:
                await asyncio.gather(*(each.go_through(phase) for each in _who_goes_on(crowd, phase)))
        finally:
            telling.cancel()
        steps = tuple(step for attendee in crowd for step in attendee.steps)
        return Rehearsal(access.url, tuple(access.seats), steps)


def _who_goes_on(crowd: Sequence[Attendee], phase: Phase) -> list[Attendee]:
    """Who takes part in `phase`: a class goes together, the next phase begins when the last one has ended this."""
    return [each for each in crowd if (each.has_session if phase is Phase.STOP else each.is_in)]


async def _tell(room: Room, crowd: Sequence[Attendee], show: Show) -> None:
    while True:
        show(room.now(), crowd)
        await asyncio.sleep(LOOK_EVERY_S)


async def _remove_all(organiser: Organiser) -> None:
    try:
        for reason in await organiser.remove_all():
            print(reason, file=sys.stderr)
    except (FailedError, aiohttp.ClientError, OSError) as error:
        print(f"the rehearsal's attendees are not removed, the next rehearsal does it: {error}", file=sys.stderr)


async def _to_its_end(work: Coroutine[None, None, None]) -> None:
    """Finish `work`; who cancels it is heard afterwards."""
    task, cancelled = asyncio.ensure_future(work), False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError
