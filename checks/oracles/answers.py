"""Oracle: is the answer the right one? Compares anything an attendee may return, and says where it first differs."""

from __future__ import annotations

import _thread
import copy
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from numbers import Number
from typing import Any

from checks.suite import Failed

SHOWN = 80
_UNTIL_COUNTED_S = 0.05  # a new thread of the lowest level counts from the moment when it first runs


def short(value: object) -> str:
    """`value` as a line of at most 80 characters; a value whose repr raises is named by its type."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # noqa: BLE001 - it is the attendee's object
        return f"a {type(value).__name__}"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def same(actual: object, expected: object, what: str) -> None:
    """Failed where `actual` is not equal to `expected`, naming the first place where sequences differ.

    what: how the sentence begins, say "the result of `run_all`".
    """
    if _equal(actual, expected):
        return
    if isinstance(expected, list | tuple) and isinstance(actual, list | tuple):
        _same_items(actual, expected, what)
    raise Failed(f"{what} is {short(actual)}", expected=short(expected))


def _same_items(actual: Sequence[object], expected: Sequence[object], what: str) -> None:
    if type(actual) is not type(expected):
        raise Failed(f"{what} is a {type(actual).__name__}", expected=f"a {type(expected).__name__}")
    if len(actual) != len(expected):
        raise Failed(f"{what} has {len(actual)} items", expected=f"{len(expected)} items")
    for index, (left, right) in enumerate(zip(actual, expected, strict=True)):
        if not _equal(left, right):
            raise Failed(f"item {index} of {what} is {short(left)}", expected=short(right))


def _equal(left: object, right: object) -> bool:
    """Whether `left`, an attendee's, equals `right`, ours, by what the types of `right` say; never raises.

    An object that calls itself equal to everything equals nothing. Numbers may be of different types.
    """
    if isinstance(right, list | tuple) and isinstance(left, list | tuple):
        return _is_same_type(left, right) and len(left) == len(right) and all(map(_equal, left, right))
    if isinstance(right, dict) and isinstance(left, dict):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in right)
    try:
        equal = type(right).__eq__(right, left)
        if equal is NotImplemented and isinstance(left, Number) and isinstance(right, Number):
            equal = type(left).__eq__(left, right)
        return equal is not NotImplemented and bool(equal)
    except Exception:  # noqa: BLE001 - arrays and attendee's objects raise what they like
        return False


def _is_same_type(left: object, right: object) -> bool:
    """As `==` of lists and tuples has it: a namedtuple is a tuple, a tuple is no list."""
    return isinstance(left, list) == isinstance(right, list)


def same_array(actual: Any, expected: Any, what: str) -> None:
    """Failed if `actual` is no NumPy array of `expected`'s shape, dtype and, element by element, values."""
    import numpy as np

    if not isinstance(actual, np.ndarray):
        raise Failed(f"{what} is {short(actual)}", expected=f"an array of shape {expected.shape}")
    if actual.shape != expected.shape:
        raise Failed(f"{what} has shape {actual.shape}", expected=f"shape {expected.shape}")
    if actual.dtype != expected.dtype:
        raise Failed(f"{what} holds {actual.dtype}", expected=str(expected.dtype))
    wrong = np.argwhere(actual != expected)
    if len(wrong):
        place = tuple(int(index) for index in wrong[0])
        raise Failed(
            f"{len(wrong)} of {expected.size} values of {what} are wrong, the first at {list(place)}: {actual[place]}",
            expected=f"{expected[place]} there",
        )


@contextmanager
def left_alone(*values: Any, what: str = "its input") -> Iterator[None]:
    """Failed if the block changes one of `values`."""
    before = copy.deepcopy(values)
    yield
    for old, new in zip(before, values, strict=True):
        if not _equal(old, new):
            raise Failed(
                f"the code changed {what}: it is now {short(new)}", expected=f"{what} left as it was: {short(old)}"
            )


def raises(error: type[BaseException], call: Callable[[], object], what: str) -> BaseException:
    """The `error` that `call` raises; Failed if it returns or raises another."""
    try:
        returned = call()
    except error as raised:
        return raised
    except Exception as other:  # noqa: BLE001
        raise Failed(f"{what} raised {type(other).__name__}: {other}", expected=error.__name__) from None
    raise Failed(f"{what} raised nothing and returned {short(returned)}", expected=f"{error.__name__} to come out")


@contextmanager
def no_thread_left(what: str, wait_s: float = 2.0) -> Iterator[None]:
    """Failed if a thread that was started in the block still runs `wait_s` after it, known to `threading` or not."""
    known, count = set(threading.enumerate()), _thread._count()
    yield
    time.sleep(_UNTIL_COUNTED_S)
    deadline = time.monotonic() + wait_s
    while _thread._count() > count and time.monotonic() < deadline:
        time.sleep(0.005)
    if (left := _thread._count() - count) > 0:
        names = sorted(thread.name for thread in set(threading.enumerate()) - known)
        who = names[0] if names else f"{left} thread{'s' * (left > 1)} without a name"
        raise Failed(f"{what} left {who} running", expected="every thread that it starts has ended")
