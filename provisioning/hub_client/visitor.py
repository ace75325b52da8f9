"""Somebody at a hub who logs in with name and secret, starts a session, opens it and ends it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from provisioning.hub_client.client import Client, VisitError, require_good
from provisioning.hub_client.page_data import data_of

SPAWN = "/hub/spawn"  # without a choice it leads on at once
FOUND = 302
FORBIDDEN = 403
ASK_AGAIN_S = 0.5


class Visitor(Client):
    """`queued_s` is for how long the last start was in a queue."""

    def __init__(self, url: str, name: str, secret: str, ca_file: str = "") -> None:
        super().__init__(url, ca_file)
        self.name = name
        self._secret = secret
        self.queued_s = 0.0

    async def log_in(self) -> None:
        """Send the login form. Raises VisitError if it is not accepted."""
        await self.page("/hub/login")
        form = {"username": self.name, "password": self._secret}
        async with self.send("POST", "/hub/login", data=form, allow_redirects=False) as answer:
            if answer.status == FORBIDDEN and data_of(await answer.text()).get("page") == "login":
                raise VisitError(f"{self.name} is not let in: wrong password or code")
            await require_good(answer)

    async def start(self, choose: Callable[[Mapping[str, str]], str]) -> None:
        """Ask for a session, follow its progress, and open it when it is ready.

        If there is a choice, `choose` makes it, "gpu" or "cpu", by what the page before the start says.
        """
        self.said, self.queued_s = "", 0.0
        page = await self.page(SPAWN)
        if page.path == SPAWN:
            if page.data.get("page") != "spawn":
                raise VisitError(f"{SPAWN} does not say what there is to choose: an older workshop, or another hub")
            await self._send_choice(choose(page.data))
        while not await self._is_ready():
            await asyncio.sleep(ASK_AGAIN_S)
        opened = await self.page(f"/user/{self.name}/lab")
        if "/lab" not in opened.path:
            raise VisitError(f"JupyterLab did not open: the hub led to {opened.path}")
        self.said = ""

    async def stop(self) -> None:
        """End the session, if there is one, and wait until it has ended."""
        if await self._server() is not None:
            await self.api("DELETE", f"/hub/api/users/{self.name}/server")
        while await self._server() is not None:
            await asyncio.sleep(ASK_AGAIN_S)

    async def _send_choice(self, where: str) -> None:
        async with self.send("POST", SPAWN, data={"where": where}, allow_redirects=False) as answer:
            await require_good(answer)
            if answer.status != FOUND:  # the page again, with what is wrong
                raise VisitError(f"the session is not started: {data_of(await answer.text()).get('reason', '')}")

    async def _is_ready(self) -> bool:
        """Follow the start to its end; False if the hub stopped telling of it before."""
        began, is_queued = time.monotonic(), False
        async for event in self._progress():
            self.said, was_queued, is_queued = str(event.get("message", "")), is_queued, "place_in_queue" in event
            if was_queued and not is_queued:
                self.queued_s = time.monotonic() - began
            if event.get("failed"):
                raise VisitError(self.said)
            if event.get("ready"):
                return True
        server = await self._server()
        if server is None:
            raise VisitError("the hub gave the start up" + (f"; last said: {self.said}" if self.said else ""))
        return bool(server["ready"])

    async def _progress(self) -> AsyncIterator[dict[str, Any]]:
        async with self.send("GET", f"/hub/api/users/{self.name}/server/progress") as answer:
            if answer.content_type != "text/event-stream":
                return
            async for line in answer.content:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))

    async def _server(self) -> dict[str, Any] | None:
        """What the hub knows of the session; None if there is none."""
        known = await self.api("GET", f"/hub/api/users/{self.name}")
        server: dict[str, Any] | None = known["servers"].get("")
        return server
