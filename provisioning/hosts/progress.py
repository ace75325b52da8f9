"""How far a play is, as it runs: one step for each role, what each host had to change in it, and a log of all tasks."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack
from types import TracebackType

from foundation.steps import Step, Steps, duration
from provisioning.hosts.play import Outcome, TaskEvent

FIRST = "reach the hosts"  # what belongs to no role comes before the roles
BAD = (Outcome.FAILED, Outcome.UNREACHABLE)
FEW = 4  # hosts that have room on one line


class PlayProgress:
    """Give its `event` to run_play, within `with`.

    Assumes: events come from one thread.
    """

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._open = ExitStack()
        self._step: Step | None = None
        self._role = ""
        self._task = ""
        self._began = 0.0
        self._changed: Counter[str] = Counter()
        self._ended: dict[str, str] = {}

    def __enter__(self) -> PlayProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._step and error is None:
            self._step.already(self._summary())
        self._open.__exit__(kind, error, where)

    def event(self, event: TaskEvent) -> None:
        """Show that a task has started or ended."""
        step = self._step_of(event.role)
        if event.outcome is Outcome.STARTED:
            self._changed.setdefault(event.host, 0)
            if event.task != self._task:
                self._task = event.task
                step.say(event.task)
            return
        step.note(f"{event.host}: {event.task}: {event.outcome}")
        if event.outcome is Outcome.CHANGED:
            self._changed[event.host] += 1
        if event.outcome in BAD:
            self._ended[event.host] = event.outcome

    def _step_of(self, role: str) -> Step:
        """The step that shows `role`: the open one, or a new one after it."""
        if self._step is None or role != self._role:
            if self._step:
                self._step.already(self._summary())
                self._open.close()
            self._role, self._task, self._began = role, "", time.monotonic()
            self._changed, self._ended = Counter(), {}
            self._step = self._open.enter_context(self._steps.step(role or FIRST))
        return self._step

    def _summary(self) -> str:
        """How the role went: "12 s   gpu-1: 3 changed, gpu-2: as it was"."""
        said = {host: self._ended.get(host) or _in_words(count) for host, count in self._changed.items()}
        if len(said) <= FEW:
            words = [f"{host}: {how}" for host, how in said.items()]
        else:
            words = [f"{how}: {count} hosts" for how, count in Counter(map(_kind, said.values())).items()]
        return f"{duration(time.monotonic() - self._began)}   {', '.join(words)}"


def _in_words(changed: int) -> str:
    return f"{changed} changed" if changed else "as it was"


def _kind(how: str) -> str:
    return "changed" if how.endswith("changed") else how
