"""A simulated attendee: goes through the phases one by one, and notes how each went."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from provisioning.hub_client.client import VisitError
from provisioning.hub_client.kernel import run_code, start_kernel
from provisioning.hub_client.visitor import Visitor
from provisioning.rehearsal.model import Phase, Step

LAB = "01"
NOT_YET = 1  # the verdict on an exercise that nobody has touched
LIMIT_S = {Phase.LOG_IN: 60.0, Phase.START: 900.0, Phase.CELL: 120.0, Phase.CHECK: 120.0, Phase.STOP: 120.0}

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

    def choose(self, page: Mapping[str, str]) -> str:
        """ "gpu" or "cpu", by what the start page says: nobody waits for a slot that another one of us holds."""
        if self.gpus is None:
            self.gpus = int(page["free-slots"])
        self.gpus -= 1
        return "gpu" if self.gpus >= 0 else "cpu"


class Attendee(Visitor):
    """`doing` is the phase that is under way; `steps` are those that have ended, a failed one last."""

    def __init__(self, url: str, name: str, secret: str, room: Room, ca_file: str = "") -> None:
        super().__init__(url, name, secret, ca_file)
        self.room = room
        self.doing: Phase | None = None
        self.steps: list[Step] = []
        self._acts: dict[Phase, Callable[[], Awaitable[None]]] = {
            Phase.LOG_IN: self.log_in,
            Phase.START: lambda: self.start(room.choose),
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
        self.doing = phase
        began, failure = self.room.now(), ""
        try:
            async with self.within(LIMIT_S[phase]):
                await self._acts[phase]()
        except VisitError as error:
            failure = str(error)
        seconds = self.room.now() - began
        queued_s = self.queued_s if phase is Phase.START else 0.0
        self.steps.append(Step(self.name, phase, began, seconds, queued_s, failure))
        self.doing = None

    async def compute(self) -> None:
        """One cell on free-threaded Python."""
        self._kernel = await start_kernel(self)
        printed = await run_code(self, self._kernel, CELL)
        if printed != PRINTS:
            raise VisitError(f"the cell printed {printed!r}, not {PRINTS!r}")

    async def be_judged(self) -> None:
        """The verdict on an untouched exercise, by `workshop lab check`: it has to be "not yet"."""
        code, _, reason = (await run_code(self, self._kernel, CHECK)).strip().partition(" ")
        if code != str(NOT_YET):
            raise VisitError(f"the check of lab {LAB} ended with {code}, not {NOT_YET}: {reason}")
