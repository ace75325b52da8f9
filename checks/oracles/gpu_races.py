"""Oracle: do the threads of a CUDA kernel get in each other's way? By structure, never by luck.

Two accesses of one launch are in order only if one thread makes both, or a barrier of their block is between them. Out
of order, on one element, at least one of them writing, not both atomic: a hazard, whether or not this run lost an
update. That is what compute-sanitizer's racecheck asks; memcheck, initcheck and synccheck have their kinds here too.

The accesses come from checks.oracles.simulator. An element is known by its address, so views of one array agree;
two elements of different size that overlap are not seen as one.
"""

from __future__ import annotations

import linecache
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from checks.suite import Failed

Index = tuple[int, ...]
Line = tuple[str, int]  # file, line number


class Kind(StrEnum):
    """What a thread does to an element."""

    READ = "reads"
    WRITE = "writes"
    ATOMIC = "updates"


class Space(StrEnum):
    """Whose memory it is: every thread's, or one block's."""

    GLOBAL = "global"
    SHARED = "shared"


class Trouble(StrEnum):
    """The kinds of findings."""

    HAZARD = "hazard"
    BOUNDS = "bounds"
    UNINITIALISED = "uninitialised"
    BARRIER = "barrier"


@dataclass(frozen=True, slots=True)
class Element:
    """One element of an array: what it is called in the kernel, and where it lies."""

    array: str
    index: Index
    address: int
    space: Space

    def __str__(self) -> str:
        return f"`{self.array}[{', '.join(map(str, self.index))}]`"


@dataclass(frozen=True, slots=True)
class Access:
    """Who did what. interval: how many barriers the block had passed. value: what was written."""

    block: Index
    thread: Index
    interval: int
    kind: Kind
    line: Line
    value: object = None

    @property
    def who(self) -> str:
        """The thread in words: "thread 3 of block 0"."""
        return f"thread {_short(self.thread)} of block {_short(self.block)}"


@dataclass(slots=True)
class Finding:
    """One thing that is wrong, in words, and at how many elements (barriers) it was seen."""

    trouble: Trouble
    text: str
    times: int = 1

    def __str__(self) -> str:
        return f"{self.text} ({self.times} such places)" if self.times > 1 else self.text


def are_hazard(left: Access, right: Access) -> bool:
    """Whether the outcome of these two accesses to one element hangs on which of them comes first.

    Two threads that write the same value do not: a waste of work, but no hazard (racecheck: severity INFO).
    """
    if left.block == right.block and (left.thread == right.thread or left.interval != right.interval):
        return False
    if left.kind is right.kind:
        return left.kind is Kind.WRITE and left.value != right.value
    return True


@dataclass
class Launch:
    """One launch of a kernel: what its threads did, and what is wrong with it. Fills while the kernel runs.

    Assumes: one simulated thread runs at a time.
    """

    kernel: str
    parameters: tuple[str, ...]
    grid: Index
    block: Index
    tally: Counter[tuple[Index, Space, Kind]] = field(default_factory=Counter)
    _findings: dict[object, Finding] = field(default_factory=dict)
    _reached: dict[tuple[str, Kind], dict[tuple[Index, Index], set[int]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    # element -> (block, interval, kind, value written) -> accesses of two threads at most: a third adds nothing
    _seen: dict[object, dict[object, list[Access]]] = field(default_factory=lambda: defaultdict(dict))
    _troubled: set[object] = field(default_factory=set)  # elements with a hazard: one is enough

    @property
    def findings(self) -> list[Finding]:
        """What is wrong, each cause once, in the order it was found."""
        return list(self._findings.values())

    def total(self, space: Space, kind: Kind) -> int:
        """How many accesses of this kind all blocks made."""
        return sum(times for (_block, where, what), times in self.tally.items() if (where, what) == (space, kind))

    def elements_of_each_thread(self, array: str, kind: Kind) -> list[int]:
        """For each thread that touched `array` in this way: how many different elements of it."""
        return [len(elements) for elements in self._reached[array, kind].values()]

    def note(self, element: Element, access: Access) -> None:
        """Take down one access, and compare it with all that it is not in order with."""
        self.tally[access.block, element.space, access.kind] += 1
        self._reached[element.array, access.kind][access.block, access.thread].add(element.address)
        # the next block's shared memory may lie where this one's was
        place = (element.address, access.block if element.space is Space.SHARED else None)
        before = self._seen[place]
        if element.space is Space.SHARED and access.kind is not Kind.WRITE and not _is_written(before.values()):
            self._note_uninitialised(element, access)
        if place not in self._troubled:
            others = (other for kept in before.values() for other in kept)
            if other := next((other for other in others if are_hazard(other, access)), None):
                self._troubled.add(place)
                self._note_hazard(element, other, access)
        same = before.setdefault((access.block, access.interval, access.kind, _comparable(access.value)), [])
        if len(same) < 2 and all(other.thread != access.thread for other in same):
            same.append(access)

    def _note_hazard(self, element: Element, first: Access, second: Access) -> None:
        key = (
            Trouble.HAZARD,
            element.array,
            frozenset((first.line, second.line)),
            frozenset((first.kind, second.kind)),
        )
        where = quote(first.line) if first.line == second.line else f"{quote(first.line)} and {quote(second.line)}"
        between = "with no barrier between" if first.block == second.block else "and no barrier orders two blocks"
        text = f"{first.who} {first.kind} {element}, {second.who} {second.kind} it, {between}: {where}"
        self.add(Trouble.HAZARD, text, key)

    def _note_uninitialised(self, element: Element, access: Access) -> None:
        key = (Trouble.UNINITIALISED, element.array, access.line)
        text = f"{access.who} {access.kind} {element}, which nobody has set: {quote(access.line)}"
        self.add(Trouble.UNINITIALISED, text, key)

    def add(self, trouble: Trouble, text: str, key: object) -> None:
        """Take down a finding; one with the same key as an earlier one counts as that one seen again."""
        if key in self._findings:
            self._findings[key].times += 1
        else:
            self._findings[key] = Finding(trouble, text)


_EXPECTED = {  # in the order in which they are told: what comes first may be the cause of what comes after
    Trouble.BOUNDS: "every index from 0 to the array's size - 1",
    Trouble.HAZARD: "an atomic update, or a barrier that puts the two in order",
    Trouble.BARRIER: "every thread of a block at the same `cuda.syncthreads()`",
    Trouble.UNINITIALISED: "shared memory that is set before it is used: it begins with whatever was left there",
}


def require_none(launches: Sequence[Launch], *troubles: Trouble) -> int:
    """How many launches there were, where none has a finding of these kinds (of any, if none is named); else Failed."""
    if not launches:
        raise Failed("no kernel was launched", expected="a launch on the device")
    for trouble, expected in _EXPECTED.items():
        if troubles and trouble not in troubles:
            continue
        for launch in launches:
            for finding in launch.findings:
                if finding.trouble is trouble:
                    raise Failed(f"in `{launch.kernel}` {finding}", expected=expected)
    return len(launches)


def quote(line: Line) -> str:
    """A line of the kernel: "line 12, `hist[b] += 1`"."""
    text = linecache.getline(*line).strip()
    return f"line {line[1]}, `{text}`" if text else f"line {line[1]}"


def _is_written(kept: Iterable[list[Access]]) -> bool:
    return any(access.kind is not Kind.READ for accesses in kept for access in accesses)


def _comparable(value: object) -> object:
    """`value` as a dictionary's key."""
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value


def _short(index: Index) -> str:
    """(3, 0, 0) is 3; (3, 1, 0) is (3, 1)."""
    kept = list(index)
    while len(kept) > 1 and kept[-1] == 0:
        kept.pop()
    return str(kept[0]) if len(kept) == 1 else f"({', '.join(map(str, kept))})"
