"""What rewritten code calls before it touches something: a step of the run, and what the step touches.

The rewritten code still does each operation itself, right behind the call: `self.n` has become `__sees__(7, self).n`.
So a thread is switched before an operation, between a read and a write, and never inside an atomic one.
"""

from __future__ import annotations

import operator
import threading
import types
from collections import defaultdict, deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from checks.oracles.schedules.accesses import Access, Mode, Place
from checks.oracles.schedules.control import Run, active
from checks.oracles.schedules.locks import Lock, RLock
from checks.oracles.schedules.threads import Thread
from checks.oracles.schedules.waiting import BoundedSemaphore, Event, Queue, Semaphore, SimpleQueue


@dataclass(frozen=True, slots=True)
class Site:
    """A place in somebody's source where something may be shared."""

    file: str
    line: int
    text: str
    name: str  # the attribute, the variable


SITES: list[Site] = []

KEYED = (dict, set)
CONTAINERS = (dict, list, set, deque, bytearray)
KEYS = (str, int, float, bytes, bool, type(None))  # whose comparison runs no code of the attendee's
_VALUES = (int, float, complex, str, bytes, bool, type(None), tuple, frozenset, range, slice)
_CODE = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.MethodWrapperType, types.CodeType)
_WAITING = (Lock, RLock, Thread, Event, Semaphore, BoundedSemaphore, Queue, SimpleQueue)
UNSHARED = frozenset(  # whose attributes nobody writes, or which say themselves what is done to them
    (*_VALUES, *_CODE, *CONTAINERS, *_WAITING, types.ModuleType, super, property, threading.local)
)
_CLASS_PARTS = (*_CODE, property, classmethod, staticmethod, types.WrapperDescriptorType)


class WatchedModule(types.ModuleType):
    """A module whose globals are watched; `module.name` is the variable `name` of its functions."""


def sees(site: int, owner: Any) -> Any:
    """Before an attribute is read."""
    run = active()
    if run is not None and type(owner) not in UNSHARED:
        name = SITES[site].name
        accesses = attribute(owner, name)
        if accesses:
            run.step()
            run.record(*accesses, site=site, owner=owner, words="reads")
    return owner


def sets(site: int, owner: Any) -> Any:
    """Before an attribute is written or deleted."""
    run = active()
    if run is not None:
        run.step()
        run.record((attribute_place(owner, SITES[site].name), Mode.WRITE), site=site, owner=owner, words="writes")
    return owner


def attribute_place(owner: object, name: str) -> Place:
    """Where `owner.name` is written."""
    return ("variable", name) if isinstance(owner, WatchedModule) else (id(owner), name)


def attribute(owner: Any, name: str) -> list[Access]:
    """The places that a read of `owner.name` looks at: the object's, and the class's that has it instead."""
    if isinstance(owner, WatchedModule):
        return [(("variable", name), Mode.READ)]
    try:
        own = object.__getattribute__(owner, "__dict__")
    except AttributeError:
        own = {}
    accesses: list[Access] = [((id(owner), name), Mode.READ)]
    if name in own:
        return accesses
    for each in owner.__mro__ if isinstance(owner, type) else type(owner).__mro__:
        found = each.__dict__.get(name)
        if isinstance(found, _CLASS_PARTS):
            return []  # a method: nobody writes it
        if name in each.__dict__:
            return [*accesses, ((id(each), name), Mode.READ)]
    return accesses


class Both:
    """Stands for `owner` in `owner.name += 1`: a step before the read, and one before the write."""

    __slots__ = ("_owner", "_site")

    def __init__(self, site: int, owner: Any) -> None:
        object.__setattr__(self, "_site", site)
        object.__setattr__(self, "_owner", owner)

    def __getattribute__(self, name: str) -> Any:
        site, owner = object.__getattribute__(self, "_site"), object.__getattribute__(self, "_owner")
        sees(site, owner)
        value = getattr(owner, name)
        _also_whole(value)
        return value

    def __setattr__(self, name: str, value: object) -> None:
        site, owner = object.__getattribute__(self, "_site"), object.__getattribute__(self, "_owner")
        setattr(sets(site, owner), name, value)


class Items:
    """Stands for `owner` in `owner[key]`, be it read, written, deleted, or read and written."""

    __slots__ = ("owner", "site")

    def __init__(self, site: int, owner: Any) -> None:
        self.site = site
        self.owner = owner

    def __getitem__(self, key: Any) -> Any:
        owner = self.owner
        run = active()
        if run is None or (type(owner) in UNSHARED and not isinstance(owner, CONTAINERS)):
            return owner[key]
        run.step()
        if isinstance(owner, defaultdict) and owner.default_factory is not None and key not in owner:
            return self._made(run, owner, key)
        run.record(*item(owner, key, is_write=False), site=self.site, owner=owner, words=f"reads [{short(key)}] of")
        return owner[key]

    def _made(self, run: Run, owner: defaultdict[Any, Any], key: Hashable) -> Any:
        """What a defaultdict does for a missing key: look, call, write. Without the GIL others may come in between."""
        run.record(*item(owner, key, is_write=False), site=self.site, owner=owner, words=f"misses [{short(key)}] in")
        factory = owner.default_factory
        assert factory is not None
        value = factory()
        self[key] = value
        return value

    def __setitem__(self, key: Any, value: Any) -> None:
        self._step(key)
        self.owner[key] = value

    def __delitem__(self, key: Any) -> None:
        self._step(key)
        del self.owner[key]

    def _step(self, key: object) -> None:
        run, owner = active(), self.owner
        if run is not None:
            run.step()
            words = f"writes [{short(key)}] of"
            run.record(*item(owner, key, is_write=True), site=self.site, owner=owner, words=words)


def item(owner: object, key: object, is_write: bool) -> tuple[Access, ...]:
    """The places that `owner[key]` touches: the item, and the container as something that has items."""
    if isinstance(owner, dict) and "__builtins__" in owner and isinstance(key, str):  # globals()
        return ((("variable", key), Mode.WRITE if is_write else Mode.READ),)
    if isinstance(owner, KEYED) and type(key) in KEYS:
        modes = (Mode.WRITE, Mode.KEY_WRITE) if is_write else (Mode.READ, Mode.KEY_READ)
        return ((id(owner), "[]", key), modes[0]), ((id(owner), "*"), modes[1])
    return (((id(owner), "*"), Mode.ALL_WRITE if is_write else Mode.ALL_READ),)


def short(value: object) -> str:
    """A key in a few characters."""
    return repr(value)[:40] if type(value) in KEYS else f"{type(value).__name__}"


def within(site: int, value: Any, container: Any) -> bool:
    """`value in container`."""
    run = active()
    if run is not None and isinstance(container, CONTAINERS):
        run.step()
        words = f"looks for {short(value)} in"
        run.record(*item(container, value, is_write=False), site=site, owner=container, words=words)
    return operator.contains(container, value)


def whole(site: int, value: Any) -> Any:
    """Before a container is looked at as a whole: is it empty, is it equal."""
    run = active()
    if run is not None and isinstance(value, CONTAINERS):
        run.step()
        run.record(((id(value), "*"), Mode.ALL_READ), site=site, owner=value, words="looks at")
    return value


def changes(site: int, value: Any) -> Any:
    """Before a container is changed in place by `+=` and the like."""
    run = active()
    if run is not None and isinstance(value, CONTAINERS):
        run.step()
        run.record(((id(value), "*"), Mode.ALL_WRITE), site=site, owner=value, words="changes")
    return value


def _also_whole(value: object) -> None:
    """The step that has just been made changes `value` too, if it is a container."""
    run = active()
    if run is not None and isinstance(value, CONTAINERS):
        run.record(((id(value), "*"), Mode.ALL_WRITE), owner=value)


def reads(site: int) -> bool:
    """Before a variable is read that functions share."""
    run = active()
    if run is not None:
        run.step()
        run.record((("variable", SITES[site].name), Mode.READ), site=site, words="reads")
    return True


def writes(site: int, value: Any) -> Any:
    """Before a variable is written that functions share."""
    run = active()
    if run is not None:
        run.step()
        run.record((("variable", SITES[site].name), Mode.WRITE), site=site, words="writes")
    return value
