"""All attendees of a rehearsal at once; afterwards nothing of them is left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from provisioning.rehearsal.attendee import Attendee, Room
from provisioning.rehearsal.model import Phase, Rehearsal
from provisioning.rehearsal.organiser import Access, organiser_of

LOOK_EVERY_S = 0.25
Show = Callable[[float, Sequence[Attendee]], None]


async def rehearse(access: Access, show: Show, *, anyway: bool = False) -> Rehearsal:
    """Let every seat's attendee go through all phases. Raises Problem if a class is at work, unless `anyway`.

    Guarantees: however it ends, cancelled too, the attendees, their sessions and homes are removed before it returns.
    """
    async with organiser_of(access) as organiser:
        if not anyway:
            await organiser.require_an_empty_class()
        return await _attend(access, show)


async def _attend(access: Access, show: Show) -> Rehearsal:
    room = Room()
    async with AsyncExitStack() as doors:
        crowd = [Attendee(access.url, name, secret, room, access.ca_file) for name, secret in access.seats.items()]
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
