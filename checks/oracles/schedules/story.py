"""One run told step by step: whose turn it was, the text of the line, and what the line touched."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from checks.oracles.schedules import rewriting
from checks.oracles.schedules.control import Run, Strand, Told
from checks.oracles.schedules.locks import Lock, RLock
from checks.oracles.schedules.threads import Thread
from checks.oracles.schedules.touches import CONTAINERS, SITES
from checks.oracles.schedules.waiting import Event, Queue, Semaphore

NAMED = (*CONTAINERS, Lock, RLock, Event, Semaphore, Queue)


@dataclass(frozen=True, slots=True)
class Step:
    """What one thread did in one line before another one went on. `line` is 0 if no line of the attendee's did it."""

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


@dataclass
class Narrator:
    """Notes while a run is told where its strands are, and what the attendee calls the things that they touch."""

    names: dict[int, str] = field(default_factory=dict)

    def where(self) -> tuple[str, int] | None:
        """File and line of the nearest caller that is the attendee's; None if there is none."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename not in rewriting.SOURCES:
            frame = frame.f_back
        if frame is None:
            return None
        for variables in (frame.f_locals, frame.f_globals):
            for name, value in variables.items():
                self.name(value, name)
        return (frame.f_code.co_filename, frame.f_lineno)

    def name(self, value: object, name: str) -> None:
        """Remember that the attendee calls `value` so, if it is something that has no name of its own."""
        if not isinstance(value, NAMED) and type(value).__module__ not in ("threading", "concurrent.futures._base"):
            return
        self.names.setdefault(id(value), name)
        if isinstance(value, RLock):
            self.names.setdefault(id(value._lock), name)
        elif type(value).__module__ == "threading":
            self.name(vars(value).get("_lock"), name)

    def name_attributes(self, run: Run) -> None:
        """Remember the attributes in which the run has found something."""
        for told in run.told:
            if told.site is not None and SITES[told.site].name:
                name = SITES[told.site].name
                self.name(_peek(told.owner, name), name)


def steps_of(run: Run, narrator: Narrator) -> tuple[Step, ...]:
    """The run's steps: what one thread did in a row in one line is one of them."""
    narrator.name_attributes(run)
    names = narrator.names
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


def blocked_of(run: Run, narrator: Narrator) -> tuple[Blocked, ...]:
    """The threads that wait for ever, and for what."""
    narrator.name_attributes(run)
    names = narrator.names
    return tuple(
        Blocked(
            each.name,
            _text(*each.place) if each.place else "",
            _waited_for(each, names),
            _holder(each),
            tuple(names.get(id(lock), "a Lock") for lock in _held(run, each)),
        )
        for each in run.strands
        if each.number and not each.is_over and each.subject is not None
    )


def _held(run: Run, strand: Strand) -> list[object]:
    """The locks that it holds, but for the one that it has made in order to wait."""
    held = (told.owner for told in run.told if isinstance(told.owner, Lock) and told.owner.holder is strand)
    return list({id(each): each for each in held if each is not strand.subject}.values())


def _holder(strand: Strand) -> str:
    subject = strand.subject
    holder = subject.holder if isinstance(subject, Lock) and not strand.inside else None
    return holder.name if isinstance(holder, Strand) else ""


def _waited_for(strand: Strand, names: dict[int, str]) -> str:
    if strand.inside:
        owner, call = strand.inside[0]
        own = names.get(id(owner))
        what = f"`{own}`, a {type(owner).__name__}" if own else f"a {type(owner).__name__}"
        return f"{what} (in {call.partition('.')[2]}, and nobody is left who could end that)"
    if isinstance(strand.subject, Thread):
        return f"the end of {strand.subject.name}"
    return names.get(id(strand.subject), "a Lock")


def _peek(owner: object, name: str) -> Any:
    try:
        return object.__getattribute__(owner, "__dict__").get(name)
    except AttributeError:
        return None


def _in_words(told: Told, names: dict[int, str]) -> str:
    if not told.words:
        return ""
    own = "" if told.site is None else SITES[told.site].name
    if not own or isinstance(told.owner, NAMED):
        own = names.get(id(told.owner)) or _kind(told.owner)
    return f"{told.words} {own}".strip()


def _kind(owner: object) -> str:
    if owner is None or isinstance(owner, Thread):
        return ""
    return f"{'an' if isinstance(owner, Event) else 'a'} {type(owner).__name__}"


def _text(file: str, line: int) -> str:
    lines = rewriting.SOURCES.get(file, [])
    return lines[line - 1].strip() if 0 < line <= len(lines) else ""
