"""One run told step by step: whose turn it was, the text of the line, and what the line touched."""

from __future__ import annotations

import linecache
import sys
from dataclasses import dataclass
from types import FrameType
from typing import Any

from checks.oracles.schedules import rewriting
from checks.oracles.schedules.control import Run, Strand, Told
from checks.oracles.schedules.locks import Lock, RLock
from checks.oracles.schedules.threads import Thread
from checks.oracles.schedules.touches import CONTAINERS, SITES
from checks.oracles.schedules.waiting import Event, Queue, Semaphore

WAITING = (Event, Semaphore, Queue)


@dataclass(frozen=True, slots=True)
class Step:
    """What one thread did in one line before another one went on. `line` is 0 if no line of the learner's did it."""

    thread: str
    line: int
    text: str
    touched: tuple[str, ...]

    def __str__(self) -> str:
        did = f"   ({', '.join(self.touched)})" if self.touched else ""
        return f"{self.thread}: {self.text}{did}"


@dataclass(frozen=True, slots=True)
class Blocked:
    """A thread that waits for ever."""

    thread: str
    text: str  # the line in which it waits
    waits_for: str
    held_by: str  # "" if nobody holds it
    holds: tuple[str, ...]

    def __str__(self) -> str:
        holds = f"holds {' and '.join(self.holds)} and " if self.holds else ""
        holder = f", which {self.held_by} holds" if self.held_by else ""
        return f"{self.thread} {holds}waits at `{self.text}` for {self.waits_for}{holder}"


def learners_line() -> tuple[str, int] | None:
    """File and line of the nearest caller that is the learner's; None if there is none."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename not in rewriting.FILES:
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame else None


def steps_of(run: Run) -> tuple[Step, ...]:
    """The run's steps: what one thread did in a row in one line is one of them."""
    names = _names(run)
    steps: list[Step] = []
    for told in run.told:
        strand = run.strands[told.strand]
        if strand.number == 0 or told.place is None:
            continue
        file, line = told.place
        words = _in_words(told, names)
        new = Step(strand.name, line, _text(file, line), (words,) if words else ())
        if steps and (steps[-1].thread, steps[-1].line, steps[-1].text) == (new.thread, new.line, new.text):
            touched = steps[-1].touched
            new = Step(new.thread, line, new.text, touched + tuple(each for each in new.touched if each not in touched))
            steps.pop()
        steps.append(new)
    return tuple(steps)


def blocked_of(run: Run) -> tuple[Blocked, ...]:
    """The threads that wait for ever, and for what."""
    names = _names(run)
    return tuple(
        Blocked(
            each.name,
            _text(*each.place) if each.place else "",
            _waited_for(each, names),
            _holder(each.subject),
            tuple(names.get(id(lock), "a lock") for lock in _held(run, each)),
        )
        for each in run.strands
        if each.number and not each.is_over and each.subject is not None
    )


def _held(run: Run, strand: Strand) -> list[object]:
    found: dict[int, object] = {}
    for told in run.told:
        if isinstance(told.owner, Lock) and told.owner.holder is strand:
            found[id(told.owner)] = told.owner
    return list(found.values())


def _holder(subject: object) -> str:
    holder = subject.holder if isinstance(subject, Lock) else None
    return holder.name if isinstance(holder, Strand) else ""


def _waited_for(strand: Strand, names: dict[int, str]) -> str:
    if strand.inside:
        owner, call = strand.inside[0]
        own = names.get(id(owner))
        what = f"`{own}`, a {type(owner).__name__}" if own else f"a {type(owner).__name__}"
        return f"{what} (in {call.partition('.')[2]}, and nobody is left who could end that)"
    if isinstance(strand.subject, Thread):
        return f"the end of {strand.subject.name}"
    return names.get(id(strand.subject), "a lock")


def _names(run: Run) -> dict[int, str]:
    """The name of each container and lock by the attribute in which it was found."""
    names: dict[int, str] = {}
    for told in run.told:
        if told.site is None or not SITES[told.site].name:
            continue
        name = SITES[told.site].name
        value = _peek(told.owner, name)
        if isinstance(value, (*CONTAINERS, Lock, RLock)) or _is_library(value):
            names.setdefault(id(value), name)
            if isinstance(value, RLock):
                names.setdefault(id(value._lock), name)
            inner = vars(value).get("_lock") if type(value).__module__ == "threading" else None
            if inner is not None:
                names.setdefault(id(inner), name)
    return names


def _is_library(value: object) -> bool:
    return type(value).__module__ in ("threading", "concurrent.futures._base") or isinstance(value, WAITING)


def _peek(owner: object, name: str) -> Any:
    try:
        return object.__getattribute__(owner, "__dict__").get(name)
    except AttributeError:
        return None


def _in_words(told: Told, names: dict[int, str]) -> str:
    if not told.words:
        return ""
    own = "" if told.site is None else SITES[told.site].name
    if isinstance(told.owner, (*CONTAINERS, Lock, RLock)) or not own:
        own = names.get(id(told.owner), own or _kind(told.owner))
    return f"{told.words} {own}".strip()


def _kind(owner: object) -> str:
    if owner is None or isinstance(owner, Thread):
        return ""
    return f"a {type(owner).__name__}".replace("a Lock", "a lock")


def _text(file: str, line: int) -> str:
    return linecache.getline(file, line).strip()
