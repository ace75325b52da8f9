"""The organiser's view of the hub: who is there, and a rehearsal's attendees removed with all that they had."""

from __future__ import annotations

import asyncio
import time

from foundation.problem import ExitCode, Problem
from provisioning.rehearsal.model import counted
from provisioning.rehearsal.visitor import FailedError, Visitor

INSTRUCTOR = "instructor"
PREFIX = "rehearsal-"  # hub/seats.py gives out these names, and lets nobody else have one
REMOVE_LIMIT_S = 120.0
ASK_AGAIN_S = 0.5
NO_SUCH_USER = 404
DONE = (204, NO_SUCH_USER)


class Organiser(Visitor):
    """Logged in with the instructor's secret."""

    async def require_an_empty_class(self) -> None:
        """Raise Problem where somebody works: N starts at once would take the cores from under them."""
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


async def enter(organiser: Organiser) -> None:
    """Log in. Raises Problem where the hub does not answer or does not take the secret."""
    try:
        await organiser.log_in()
        await organiser.api("GET", "/hub/api/users?state=active")
    except (FailedError, OSError) as error:
        raise Problem(
            f"the workshop at {organiser.url} does not let the organiser in: {error}",
            expected="a workshop that runs, and its instructor's secret",
            do="./workshop status",
        ) from error
