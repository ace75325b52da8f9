"""What a rehearsal finds: for each attendee and phase when it began, how long it took, and why it failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from math import ceil
from typing import Any

SCHEMA = 1


class Phase(StrEnum):
    """What an attendee does, in this order; the value is what people read."""

    LOG_IN = "log in"
    START = "start"
    CELL = "cell, GIL off"
    CHECK = "check"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Step:
    """One attendee's way through one phase, in seconds from the rehearsal's beginning.

    queued_s: how much of a start went by before it was this attendee's turn. failure: why it failed, or "".
    """

    attendee: str
    phase: Phase
    began_s: float
    seconds: float
    queued_s: float = 0.0
    failure: str = ""

    @property
    def ended_s(self) -> float:
        """When it ended."""
        return self.began_s + self.seconds


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All of it. `attendees` are those who were to take part, in order."""

    url: str
    attendees: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def failures(self) -> list[Step]:
        """The steps that failed."""
        return [step for step in self.steps if step.failure]

    @property
    def is_good(self) -> bool:
        """Whether everybody came through every phase, and there was somebody."""
        return bool(self.attendees) and len(self.came_through) == len(self.attendees)

    @property
    def came_through(self) -> list[str]:
        """Those who went through all phases."""
        done = {(step.attendee, step.phase) for step in self.steps if not step.failure}
        return [name for name in self.attendees if all((name, phase) in done for phase in Phase)]

    def seconds(self, phase: Phase) -> list[float]:
        """How long `phase` took those whom it did not fail, shortest first."""
        return sorted(step.seconds for step in self.steps if step.phase is phase and not step.failure)

    def ready_s(self) -> list[float]:
        """From the moment when the class began to start to each session's readiness, soonest first."""
        starts = [step for step in self.steps if step.phase is Phase.START]
        began = min((step.began_s for step in starts), default=0.0)
        return sorted(step.ended_s - began for step in starts if not step.failure)

    def reasons(self) -> dict[tuple[Phase, str], list[str]]:
        """(phase, reason) -> the attendees whom it stopped."""
        found: dict[tuple[Phase, str], list[str]] = {}
        for step in self.failures:
            found.setdefault((step.phase, step.failure), []).append(step.attendee)
        return found

    def as_json(self) -> dict[str, Any]:
        """For a program: the steps, and p50 and p95 of each phase."""
        phases = {
            phase.value: {"p50_s": percentile(times, 50), "p95_s": percentile(times, 95), "good": len(times)}
            for phase in Phase
            if (times := self.seconds(phase))
        }
        return {"schema": SCHEMA, "good": self.is_good, "phases": phases, **asdict(self)}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Rehearsal:
        """What `as_json` gave. Raises ValueError for another schema."""
        if said.get("schema") != SCHEMA:
            raise ValueError(f"a rehearsal of schema {said.get('schema')}: this program reads {SCHEMA}")
        steps = (Step(**{**step, "phase": Phase(step["phase"])}) for step in said["steps"])
        return cls(said["url"], tuple(said["attendees"]), tuple(steps))


def percentile(ordered: Sequence[float], share: int) -> float:
    """The smallest value that at least `share` per cent of the `ordered` ones do not exceed."""
    return ordered[max(0, ceil(len(ordered) * share / 100) - 1)]


def counted(names: Iterable[str], most: int = 4) -> str:
    """ "ada, ben, cleo, dan and 3 more"."""
    listed = list(names)
    rest = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {rest} more" if rest > 0 else "")
