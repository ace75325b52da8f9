"""What rewritten code calls before it calls something: methods of containers and C code touch what they are given."""

from __future__ import annotations

import builtins
import types
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Any

from checks.oracles.schedules.accesses import Access, Mode
from checks.oracles.schedules.control import active
from checks.oracles.schedules.touches import (
    CONTAINERS,
    KEYED,
    KEYS,
    UNSHARED,
    attribute,
    attribute_place,
    item,
    sees,
    short,
)

_READING = frozenset(
    "get keys values items copy index count decode find join issubset issuperset isdisjoint union intersection "  # noqa: SIM905
    "difference symmetric_difference __contains__ __getitem__ __len__ __iter__ __eq__".split()
)
_KEYED_READING = frozenset(("get", "__contains__", "__getitem__"))
_KEYED_WRITING = frozenset(("setdefault", "pop", "__setitem__", "__delitem__", "add", "remove", "discard"))
_MISSING: Any = object()


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
        accesses = item(owner, args[0], name in _KEYED_WRITING)
        words = f"{name}({short(args[0])}) on"
    else:
        accesses = (((id(owner), "*"), Mode.ALL_READ if name in _READING else Mode.ALL_WRITE),)
        words = f"{name}() on"
    reads = tuple(((id(each), "*"), Mode.ALL_READ) for each in args if isinstance(each, CONTAINERS))
    run.record(*accesses, *reads, site=site, owner=owner, words=words)


def calls(site: int, function: Any) -> Any:
    """Before anything else is called: a stand-in if it is C code that looks into its arguments."""
    if active() is None:
        return function
    if isinstance(function, types.BuiltinFunctionType | types.MethodWrapperType) or function in _LOOKING_CLASSES:
        return _StandIn(site, function)
    return function


_LOOKING_CLASSES = frozenset(
    (list, dict, set, tuple, frozenset, str, enumerate, reversed, bool, bytes, deque, defaultdict, OrderedDict)
)


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
    if function is builtins.next and not isinstance(value, types.GeneratorType):
        return (((id(value), "*"), Mode.ALL_WRITE),)
    return ()


def _getattr(site: int, owner: Any, name: str, *default: object) -> Any:
    run = active()
    accesses = attribute(owner, name) if type(owner) not in UNSHARED else []
    if run is not None and accesses:
        run.step()
        run.record(*accesses, site=site, owner=owner, words=f"reads {name} of")
    return getattr(owner, name, *default)


def _setattr(site: int, owner: Any, name: str, value: object) -> None:
    run = active()
    if run is not None:
        run.step()
        run.record((attribute_place(owner, name), Mode.WRITE), site=site, owner=owner, words=f"writes {name} of")
    setattr(owner, name, value)


_BY_NAME: dict[Any, Callable[..., Any]] = {
    getattr: _getattr,
    hasattr: lambda site, owner, name: _getattr(site, owner, name, _MISSING) is not _MISSING,
    setattr: _setattr,
}


def walks(site: int, iterable: Any) -> Any:
    """Before a loop: a stand-in if others can see or change what it walks over."""
    if active() is None or isinstance(iterable, types.GeneratorType) or type(iterable) in (range, tuple, str):
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
