"""The organiser's view of the hub: who is there, and a rehearsal's attendees removed with all that they had."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from foundation.problem import ExitCode, Problem
from provisioning.hub_client.client import VisitError
from provisioning.hub_client.visitor import Visitor
from provisioning.rehearsal.model import counted

INSTRUCTOR = "instructor"
PREFIX = "rehearsal-"  # hub/seats.py gives out these names, and lets nobody else have one
REMOVE_LIMIT_S = 120.0
ASK_AGAIN_S = 0.5
NO_SUCH_USER = 404
DONE = (204, NO_SUCH_USER)


@dataclass(frozen=True, slots=True)
class Access:
    """Where the workshop is, and what opens it: `python -m hub.seats --rehearse N` gives the secrets.

    ca_file: of the CA that signed the hub's certificate; "" for those that the system trusts.
    """

    url: str
    instructor: str
    seats: Mapping[str, str]
    ca_file: str = ""


class Organiser(Visitor):
    """Somebody with the instructor's secret."""

    def __init__(self, access: Access) -> None:
        super().__init__(access.url, INSTRUCTOR, access.instructor, access.ca_file)

    async def require_an_empty_class(self) -> None:
        """Raise Problem if somebody works: N starts at once would take the cores from under them."""
        known = await self.api("GET", "/hub/api/users?state=active")
        working = [user["name"] for user in known if not user["name"].startswith(PREFIX)]
        if working:
            raise Problem(
                f"a class is at work: {len(working)} session{'s' * (len(working) != 1)} ({counted(working)})",
                expected="nobody but the rehearsal, which takes all cores and memory that it can get",
                do="rehearse before the class, or with --anyway",
                exit_code=ExitCode.COULD_NOT_CHECK,
            )

    async def remove_all(self) -> list[str]:
        """Remove every rehearsal's attendee, session and home; who could not be removed, and why."""
        known = await self.api("GET", "/hub/api/users")
        names = [user["name"] for user in known if user["name"].startswith(PREFIX)]
        return [reason for reason in await asyncio.gather(*map(self._remove, names)) if reason]

    async def _remove(self, name: str) -> str:
        """ "" when the account is gone; its container and home went before it."""
        deadline = time.monotonic() + REMOVE_LIMIT_S
        while True:
            await self._quietly("DELETE", f"/hub/api/users/{name}/server")  # ends a start that is under way, too
            status = await self._quietly("DELETE", f"/hub/api/users/{name}")
            if status in DONE:
                return ""
            if time.monotonic() > deadline:
                return f"{name} is not removed: the hub answers {status}"
            await asyncio.sleep(ASK_AGAIN_S)

    async def _quietly(self, method: str, path: str) -> int:
        async with self.send(method, path) as answer:
            return int(answer.status)


@asynccontextmanager
async def organiser_of(access: Access) -> AsyncIterator[Organiser]:
    """For the block, the organiser, logged in. Raises Problem if the hub does not answer or does not take the secret.

    Guarantees: however the block ends, cancelled too, the hub knows no simulated attendee before and after it.
    """
    async with Organiser(access) as organiser:
        await _enter(organiser)
        await _remove_all(organiser)  # what a killed rehearsal left
        try:
            yield organiser
        finally:
            await _to_its_end(_remove_all(organiser))


async def _enter(organiser: Organiser) -> None:
    try:
        await organiser.log_in()
        await organiser.api("GET", "/hub/api/users?state=active")
    except VisitError as error:
        raise Problem(
            f"the workshop at {organiser.url} does not let the organiser in: {error}",
            expected="a workshop that runs, and its instructor's secret",
            do="./workshop status",
        ) from error


async def _remove_all(organiser: Organiser) -> None:
    try:
        for reason in await organiser.remove_all():
            print(reason, file=sys.stderr)
    except VisitError as error:
        print(f"the rehearsal's attendees are not removed, the next rehearsal does it: {error}", file=sys.stderr)


async def _to_its_end(work: Coroutine[None, None, None]) -> None:
    """Finish `work`; whoever cancels it is heard afterwards."""
    task, cancelled = asyncio.ensure_future(work), False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError
