"""The memory of a simulated kernel: arrays and atomics that tell the thread that uses them before they do it."""

from __future__ import annotations

import itertools
import linecache
import operator
import re
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Protocol, cast

from checks.oracles.gpu_races import Element, Index, Kind, Line, Space

_POISON = 0xA5  # what a byte of shared memory begins with: anything but zero
_ENDS_A_TURN = {"cas", "compare_and_swap", "exch"}  # what locks are made of
_NOT_THE_KERNEL = re.compile(r"checks.oracles.simulat\w+\.py$|numba.cuda.simulator")


class OutOfBounds(IndexError):  # noqa: N818 - a finding about the kernel, not our error
    """An index that the array does not have. It ends the launch, and is among the launch's findings."""


class Accessing(Protocol):
    """The simulated thread that runs now, as memory sees it."""

    def access(self, element: Element, kind: Kind, value: object, ends_turn: bool) -> None:
        """Called before the access is made; returns in the turn in which it is made."""

    def reach_outside(self, what: str) -> None:
        """Called for an index that does not exist; raises OutOfBounds."""


def running() -> Accessing:
    """The simulated thread that this code runs on."""
    return cast(Accessing, threading.current_thread())


class WatchedArray:
    """An array as a kernel sees it: an index is checked, and each access to an element taken down."""

    def __init__(self, raw: Any, name: str, space: Space) -> None:
        self.raw = raw
        self._name = name
        self._space = space

    def __getitem__(self, index: Any) -> Any:
        place = self._place(index)
        if place is None:
            return WatchedArray(self.raw[index], f"{self._name}[…]", self._space)
        self.note(Kind.READ, place)
        return self.raw[place]

    def __setitem__(self, index: Any, value: Any) -> None:
        place = self._place(index)
        if place is not None:
            self.note(Kind.WRITE, place, value)
            self.raw[place] = value
            return
        part = WatchedArray(self.raw[index], f"{self._name}[…]", self._space)
        source = value.raw if isinstance(value, WatchedArray) else value
        for each in part._every_place():
            part.note(Kind.WRITE, each)
        self.raw[index] = source

    def __getattr__(self, name: str) -> Any:
        import numpy as np

        value = getattr(self.raw, name)
        return WatchedArray(value, self._name, self._space) if isinstance(value, np.ndarray) else value

    def __len__(self) -> int:
        return len(self.raw)

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        for place in self._every_place():
            self.note(Kind.READ, place)
        return self.raw.astype(dtype or self.raw.dtype)

    def note(self, kind: Kind, place: Index, value: object = None, ends_turn: bool = False) -> None:
        """Wait for a turn if this access needs one, and take down what it does to the element at `place`."""
        address = self.raw.__array_interface__["data"][0] + sum(map(operator.mul, place, self.raw.strides))
        running().access(Element(self._name, place, address, self._space), kind, value, ends_turn)

    def place(self, index: Any) -> Index:
        """The one element that `index` means; TypeError if it means a part of the array."""
        place = self._place(index)
        if place is None:
            raise TypeError(f"`{self._name}[{index!r}]` is not one element")
        return place

    def _place(self, index: Any) -> Index | None:
        """The index of the one element that is meant, counted from the front; None where it is a part of the array.

        Raises OutOfBounds, and notes it, where the array has no such element.
        """
        parts = index if isinstance(index, tuple) else (index,)
        whole = [_whole_number(part) for part in parts]
        for part, size in zip(whole, self.raw.shape, strict=False):
            if part is not None and not -size <= part < size:
                self._note_outside(parts)
        if len(parts) != self.raw.ndim or None in whole:
            return None
        # as Numba compiles it: a negative index counts from the end
        return tuple(part % size for part, size in zip(whole, self.raw.shape, strict=True) if part is not None)

    def _note_outside(self, parts: tuple[Any, ...]) -> None:
        name = self._name
        running().reach_outside(f"`{name}[{', '.join(map(str, parts))}]`, but `{name}` has shape {self.raw.shape}")

    def _every_place(self) -> Iterator[Index]:
        return itertools.product(*map(range, self.raw.shape))


class Shared:
    """cuda.shared of one block: each place in the code that asks for an array gets one, filled with poison."""

    def __init__(self, before: Any) -> None:
        self.before = before
        self._dynamic_bytes = before._dynshared_size
        self._arrays: dict[object, Any] = {}

    def array(self, shape: Any, dtype: Any) -> WatchedArray:
        """cuda.shared.array(shape, dtype). Shape 0: all of the dynamic shared memory that the launch asked for."""
        import numpy as np
        from numba.core import types
        from numba.np import numpy_support

        dtype = np.dtype(numpy_support.as_dtype(dtype) if isinstance(dtype, types.Type) else dtype)
        frame = sys._getframe(1)
        if shape == 0:
            buffer = self._arrays.setdefault("dynamic", np.full(self._dynamic_bytes, _POISON, np.uint8))
            raw = buffer[: len(buffer) // dtype.itemsize * dtype.itemsize].view(dtype)
        else:
            key = (frame.f_code, frame.f_lasti)
            if key not in self._arrays:
                bytes_needed = int(np.prod(shape)) * dtype.itemsize
                self._arrays[key] = np.full(bytes_needed, _POISON, np.uint8).view(dtype).reshape(shape)
            raw = self._arrays[key]
        return WatchedArray(
            raw, _assigned_name(linecache.getline(frame.f_code.co_filename, frame.f_lineno)), Space.SHARED
        )


class Atomics:
    """cuda.atomic: Numba's fakes, on the array behind a WatchedArray."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        from numba.cuda.simulator.kernelapi import FakeCUDAAtomic

        operation = getattr(FakeCUDAAtomic(), name)

        def update(array: Any, *rest: Any) -> Any:
            if not isinstance(array, WatchedArray):
                return operation(array, *rest)
            if name == "compare_and_swap":  # it takes no index: it means the first element
                array.note(Kind.ATOMIC, (0,) * array.raw.ndim, ends_turn=True)
                return operation(array.raw, *rest)
            place = array.place(rest[0])
            array.note(Kind.ATOMIC, place, ends_turn=name in _ENDS_A_TURN)
            return operation(array.raw, place, *rest[1:])

        return update


def _assigned_name(line: str) -> str:
    """What `line` calls the array that it makes."""
    name = re.match(r"\s*(\w+)\s*(?::[^=]+)?=[^=]", line)
    return name[1] if name else "shared array"


def _whole_number(part: Any) -> int | None:
    try:
        return operator.index(part)
    except TypeError:
        return None


def line_in_kernel() -> Line:
    """The nearest line up the stack that is neither ours nor Numba's."""
    frame: FrameType | None = sys._getframe(1)
    while frame and _NOT_THE_KERNEL.search(frame.f_code.co_filename):
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame else ("", 0)
