"""What rewritten code calls before it touches something: a step of the run, and what the step touches.

The rewritten code still does each operation itself, right behind the call: `self.n` has become `__sees__(7, self).n`.
So a thread is switched before an operation, between a read and a write, and never inside an atomic one.
"""

from __future__ import annotations

import builtins
import operator
import threading
import types
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from checks.oracles.schedules.accesses import Access, Mode
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
KEYS = (str, int, float, bytes, bool, type(None))  # whose comparison runs no code of the learner's
_UNSHARED = frozenset(
    (int, float, complex, str, bytes, bool, type(None), tuple, frozenset, range, slice, types.FunctionType)
    + (
        types.BuiltinFunctionType,
        types.MethodType,
        types.ModuleType,
        types.CodeType,
        super,
        property,
        types.MethodWrapperType,
    )
    + (
        list,
        dict,
        set,
        deque,
        bytearray,
        Lock,
        RLock,
        Thread,
        Event,
        Semaphore,
        BoundedSemaphore,
        Queue,
        SimpleQueue,
        threading.local,
    )
)
_READING = frozenset(
    "get keys values items copy index count __contains__ __getitem__ __len__ __iter__ __eq__ issubset issuperset isdisjoint "
    "union intersection difference symmetric_difference __or__ __and__ __sub__ __reversed__ decode find join".split()
)
_KEYED_READING = frozenset(("get", "__contains__", "__getitem__"))
_KEYED_WRITING = frozenset(("setdefault", "pop", "__setitem__", "__delitem__", "add", "remove", "discard"))
_CLASS_PARTS = (
    types.FunctionType,
    property,
    classmethod,
    staticmethod,
    types.BuiltinFunctionType,
    types.WrapperDescriptorType,
)


def sees(site: int, owner: Any) -> Any:
    """Before an attribute is read."""
    run = active()
    if run is not None and type(owner) not in _UNSHARED:
        name = SITES[site].name
        accesses = _attribute(owner, name)
        if accesses:
            run.step()
            run.record(*accesses, site=site, owner=owner, words="reads")
    return owner


def sets(site: int, owner: Any) -> Any:
    """Before an attribute is written or deleted."""
    run = active()
    if run is not None:
        run.step()
        run.record(((id(owner), SITES[site].name), Mode.WRITE), site=site, owner=owner, words="writes")
    return owner


def _attribute(owner: Any, name: str) -> list[Access]:
    """The places that a read of `owner.name` looks at: the object's, and the class's that has it instead."""
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
        if run is None or type(owner) in _UNSHARED and not isinstance(owner, CONTAINERS):
            return owner[key]
        run.step()
        if isinstance(owner, defaultdict) and owner.default_factory is not None and key not in owner:
            return self._made(run, owner, key)
        run.record(*_item(owner, key, is_write=False), site=self.site, owner=owner, words=f"reads [{_short(key)}] of")
        return owner[key]

    def _made(self, run: Run, owner: defaultdict[Any, Any], key: Hashable) -> Any:
        """What a defaultdict does for a missing key: look, call, write. Without the GIL another thread may come between."""
        run.record(*_item(owner, key, is_write=False), site=self.site, owner=owner, words=f"misses [{_short(key)}] in")
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
            words = f"writes [{_short(key)}] of"
            run.record(*_item(owner, key, is_write=True), site=self.site, owner=owner, words=words)


def _item(owner: object, key: object, is_write: bool) -> tuple[Access, ...]:
    if isinstance(owner, KEYED) and type(key) in KEYS:
        modes = (Mode.WRITE, Mode.KEY_WRITE) if is_write else (Mode.READ, Mode.KEY_READ)
        return ((id(owner), "[]", key), modes[0]), ((id(owner), "*"), modes[1])
    return (((id(owner), "*"), Mode.ALL_WRITE if is_write else Mode.ALL_READ),)


def _short(value: object) -> str:
    return repr(value)[:40] if type(value) in KEYS else f"{type(value).__name__}"


class Method:
    """Stands for a container in `owner.name(...)`: the step comes when the arguments are there."""

    __slots__ = ("_owner", "_site")

    def __init__(self, site: int, owner: Any) -> None:
        self._site = site
        self._owner = owner

    def __getattr__(self, name: str) -> Callable[..., Any]:
        site, owner = self._site, self._owner
        method = getattr(owner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            _touch_by_method(site, owner, name, args)
            return method(*args, **kwargs)

        return call


def method(site: int, owner: Any) -> Any:
    """Before a method is looked up: a stand-in if it is a container's."""
    if active() is None:
        return owner
    return Method(site, owner) if isinstance(owner, CONTAINERS) else sees(site, owner)


def _touch_by_method(site: int, owner: object, name: str, args: tuple[Any, ...]) -> None:
    run = active()
    if run is None:
        return
    run.step()
    accesses: tuple[Access, ...]
    if isinstance(owner, KEYED) and args and type(args[0]) in KEYS and name in _KEYED_READING | _KEYED_WRITING:
        accesses = _item(owner, args[0], name in _KEYED_WRITING)
        words = f"{name}({_short(args[0])}) on"
    else:
        accesses = (((id(owner), "*"), Mode.ALL_READ if name in _READING else Mode.ALL_WRITE),)
        words = f"{name}() on"
    reads = tuple(((id(each), "*"), Mode.ALL_READ) for each in args if isinstance(each, CONTAINERS))
    run.record(*accesses, *reads, site=site, owner=owner, words=words)


def calls(site: int, function: Any) -> Any:
    """Before anything else is called: a stand-in if it is C code that looks into its arguments."""
    if active() is None:
        return function
    if isinstance(function, types.BuiltinFunctionType) or function in _LOOKING_CLASSES:
        return _StandIn(site, function)
    return function


_LOOKING_CLASSES = frozenset(
    (list, dict, set, tuple, frozenset, str, enumerate, reversed, bool, bytes, deque, defaultdict, OrderedDict)
)
_ITERATORS = (types.GeneratorType,)


class _StandIn:
    """A function or class written in C, with a step before the call."""

    __slots__ = ("_function", "_site")

    def __init__(self, site: int, function: Any) -> None:
        self._site = site
        self._function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        function = self._function
        owner = getattr(function, "__self__", None)
        if isinstance(owner, CONTAINERS):
            _touch_by_method(self._site, owner, function.__name__, args)
            return function(*args, **kwargs)
        if function in _BY_NAME and len(args) >= 2 and isinstance(args[1], str):
            return _BY_NAME[function](self._site, *args)
        accesses = [access for each in args for access in _seen_by_c(function, each)]
        run = active()
        if accesses and run is not None:
            run.step()
            run.record(*accesses, site=self._site, owner=args[0], words=f"{function.__name__}() of")
        return function(*args, **kwargs)


def _seen_by_c(function: object, value: object) -> tuple[Access, ...]:
    if isinstance(value, CONTAINERS):
        return (((id(value), "*"), Mode.ALL_READ),)
    if function is builtins.next and not isinstance(value, _ITERATORS):
        return (((id(value), "*"), Mode.ALL_WRITE),)
    return ()


def _getattr(site: int, owner: Any, name: str, *default: object) -> Any:
    run = active()
    accesses = _attribute(owner, name) if type(owner) not in _UNSHARED else []
    if run is not None and accesses:
        run.step()
        run.record(*accesses, site=site, owner=owner, words=f"reads {name} of")
    return getattr(owner, name, *default)


def _setattr(site: int, owner: Any, name: str, value: object) -> None:
    run = active()
    if run is not None:
        run.step()
        run.record(((id(owner), name), Mode.WRITE), site=site, owner=owner, words=f"writes {name} of")
    setattr(owner, name, value)


_BY_NAME: dict[Any, Callable[..., Any]] = {
    getattr: _getattr,
    hasattr: lambda site, owner, name: _getattr(site, owner, name, _MISSING) is not _MISSING,
    setattr: _setattr,
}
_MISSING = object()


def within(site: int, value: Any, container: Any) -> bool:
    """`value in container`."""
    run = active()
    if run is not None and isinstance(container, CONTAINERS):
        run.step()
        words = f"looks for {_short(value)} in"
        run.record(*_item(container, value, is_write=False), site=site, owner=container, words=words)
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


def walks(site: int, iterable: Any) -> Any:
    """Before a loop: a stand-in if others can see or change what it walks over."""
    if active() is None or isinstance(iterable, _ITERATORS) or type(iterable) in (range, tuple, str):
        return iterable
    if isinstance(iterable, (*CONTAINERS, type({}.keys()), type({}.values()), type({}.items()))):
        return _Walk(site, _under(iterable), Mode.ALL_READ, iter(iterable))
    if type(iterable).__module__ in ("builtins", "itertools"):
        return _Walk(site, iterable, Mode.ALL_WRITE, iter(iterable))
    return iterable


def _under(view: Any) -> Any:
    """The dict under a view: its mapping is a proxy, which is not the dict itself."""
    mapping = getattr(view, "mapping", None)
    if not isinstance(mapping, types.MappingProxyType):
        return view
    return mapping | _Itself()


class _Itself:
    """Taken together with a proxy, gives what is behind the proxy."""

    def __ror__(self, behind: Any) -> Any:
        return behind


class _Walk:
    """An iterator with a step before each item."""

    __slots__ = ("_iterator", "_mode", "_owner", "_site")

    def __init__(self, site: int, owner: object, mode: Mode, iterator: Iterator[Any]) -> None:
        self._site, self._owner, self._mode, self._iterator = site, owner, mode, iterator

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        run = active()
        if run is not None:
            run.step()
            run.record(((id(self._owner), "*"), self._mode), site=self._site, owner=self._owner, words="walks over")
        return next(self._iterator)


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


HELPERS: dict[str, Callable[..., Any]] = {
    "__sees__": sees,
    "__sets__": sets,
    "__both__": Both,
    "__items__": Items,
    "__method__": method,
    "__calls__": calls,
    "__within__": within,
    "__whole__": whole,
    "__changes__": changes,
    "__walks__": walks,
    "__reads__": reads,
    "__writes__": writes,
}
