"""A simulated attendee: goes through the phases one by one, and notes how each went."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from provisioning.rehearsal.kernel import run_cell, start_kernel
from provisioning.rehearsal.model import Phase, Step
from provisioning.rehearsal.visitor import FailedError, Visitor

KERNEL = "gilfree"
LAB = "01"
NOT_YET = 1  # the verdict on an exercise that nobody has touched
LIMIT_S = {Phase.LOG_IN: 60.0, Phase.START: 900.0, Phase.CELL: 120.0, Phase.CHECK: 120.0, Phase.STOP: 120.0}
ASK_AGAIN_S = 0.5
IN_THE_QUEUE = "in the queue"  # what the hub's start page says of who waits
FREE_SLOTS = re.compile(r"(\d+) of \d+ GPU slots are free")
HAS_A_FORM = 'name="where"'

CELL = """\
import sys
print("GIL", "on" if sys._is_gil_enabled() else "off", sum(range(1000)))
"""
PRINTS = "GIL off 499500\n"
CHECK = f"""\
import subprocess
judged = subprocess.run(["workshop", "lab", "check", "{LAB}"], capture_output=True, text=True)
print(judged.returncode, (judged.stderr.strip().splitlines() or [""])[-1])
"""


@dataclass
class Room:
    """What the attendees of one rehearsal share: its clock, and how many of them may still ask for a GPU."""

    began: float = field(default_factory=time.monotonic)
    gpus: int | None = None

    def now(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.began

    def choose(self, page: str) -> str:
        """ "gpu" or "cpu", as the start page offers it: nobody waits for a slot that another one of us holds."""
        if self.gpus is None:
            free = FREE_SLOTS.search(page)
            self.gpus = int(free[1]) if free else 0
        self.gpus -= 1
        return "gpu" if self.gpus >= 0 else "cpu"


class Attendee(Visitor):
    """`doing` is the phase that is under way; `steps` are those that have ended, a failed one last."""

    def __init__(self, url: str, name: str, secret: str, room: Room) -> None:
        super().__init__(url, name, secret)
        self.room = room
        self.doing: Phase | None = None
        self.says = ""
        self.steps: list[Step] = []
        self._queued_s = 0.0
        self._acts: dict[Phase, Callable[[], Awaitable[None]]] = {
            Phase.LOG_IN: self.log_in,
            Phase.START: self.start,
            Phase.CELL: self.compute,
            Phase.CHECK: self.be_judged,
            Phase.STOP: self.stop,
        }

    @property
    def is_in(self) -> bool:
        """Whether nothing has failed so far."""
        return not any(step.failure for step in self.steps)

    @property
    def has_session(self) -> bool:
        """Whether a session of this attendee runs."""
        ended = {step.phase for step in self.steps if not step.failure}
        return Phase.START in ended and Phase.STOP not in ended

    async def go_through(self, phase: Phase) -> None:
        """Go through `phase`, and note how it went."""
        self.doing, self.says, self._queued_s = phase, "", 0.0
        began, failure = self.room.now(), ""
        try:
            async with asyncio.timeout(LIMIT_S[phase]):
                await self._acts[phase]()
        except TimeoutError:
            failure = f"no end after {LIMIT_S[phase]:.0f} s" + (f"; last said: {self.says}" if self.says else "")
        except FailedError as error:
            failure = str(error)
        except (aiohttp.ClientError, OSError) as error:
            failure = f"{type(error).__name__}: {error}"
        seconds = self.room.now() - began
        self.steps.append(Step(self.name, phase, began, seconds, self._queued_s, failure))
        self.doing = None

    async def start(self) -> None:
        """Ask for a session, follow its progress, and open it when it is ready."""
        address, page = await self.page("/hub/spawn")
        if HAS_A_FORM in page and address.path.endswith("/hub/spawn"):
            form = {"where": self.room.choose(page)}
            async with self.send("POST", "/hub/spawn", data=form, allow_redirects=False) as answer:
                await self.accepted(answer)
        while not await self._is_ready():
            await asyncio.sleep(ASK_AGAIN_S)
        address, _ = await self.page(f"/user/{self.name}/lab")
        if "/lab" not in address.path:
            raise FailedError(f"JupyterLab did not open: the hub led to {address.path}")

    async def compute(self) -> None:
        """One cell on free-threaded Python."""
        self._kernel = await start_kernel(self, KERNEL)
        printed = await run_cell(self, self._kernel, CELL)
        if printed != PRINTS:
            raise FailedError(f"the cell printed {printed!r}, not {PRINTS!r}")

    async def be_judged(self) -> None:
        """The verdict on an untouched exercise, by `workshop lab check`: it has to be "not yet"."""
        code, _, reason = (await run_cell(self, self._kernel, CHECK)).strip().partition(" ")
        if code != str(NOT_YET):
            raise FailedError(f"the check of lab {LAB} ended with {code}, not {NOT_YET}: {reason}")

    async def stop(self) -> None:
        """End the session and wait until it has ended."""
        await self.api("DELETE", f"/hub/api/users/{self.name}/server")
        while await self._server() is not None:
            await asyncio.sleep(ASK_AGAIN_S)

    async def _is_ready(self) -> bool:
        """Follow the start to its end; False where the hub's word ended before."""
        began = self.room.now()
        async for event in self._progress():
            was_queued, self.says = IN_THE_QUEUE in self.says, str(event["message"])
            if was_queued and IN_THE_QUEUE not in self.says:
                self._queued_s = self.room.now() - began
            if event.get("failed"):
                raise FailedError(self.says)
            if event.get("ready"):
                return True
        server = await self._server()
        if server is None:
            raise FailedError("the hub gave the start up" + (f"; last said: {self.says}" if self.says else ""))
        return bool(server["ready"])

    async def _progress(self) -> AsyncIterator[dict[str, Any]]:
        async with self.send("GET", f"/hub/api/users/{self.name}/server/progress") as answer:
            if answer.content_type != "text/event-stream":
                return
            async for line in answer.content:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))

    async def _server(self) -> dict[str, Any] | None:
        """What the hub knows of the session; None where there is none."""
        known = await self.api("GET", f"/hub/api/users/{self.name}")
        server: dict[str, Any] | None = known["servers"].get("")
        return server
