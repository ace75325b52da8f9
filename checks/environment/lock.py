"""The lock: `name==version ; marker` lines, of which those apply whose marker is true for this interpreter."""

from __future__ import annotations

import ast
import operator
import os
import platform
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_PIN = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*==\s*(?P<version>[^\s;\\]+)\s*(?:;(?P<marker>.*))?"
)
_RELEASE = re.compile(r"\d+(?:\.\d+)*")
_VERSIONS = frozenset({"python_version", "python_full_version", "implementation_version"})
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda part, whole: part in whole,
    ast.NotIn: lambda part, whole: part not in whole,
}


@dataclass(frozen=True, slots=True)
class Pin:
    """One line of a lock. `name` is in its normalised form."""

    name: str
    version: str
    marker: str = ""


def normalised(name: str) -> str:
    """`name` as package indexes compare names: lower case, one dash for each run of dashes, dots and underscores."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_pins(text: str) -> tuple[Pin, ...]:
    """The pins of a requirements file with hashes. ValueError names a line that is no pin, comment or option."""
    pins = []
    for line in text.replace("\\\n", " ").splitlines():
        wanted = re.split(r"\s--hash=|(?:^|\s)#", line, maxsplit=1)[0].strip()
        if not wanted or wanted.startswith("--"):
            continue
        match = _PIN.fullmatch(wanted)
        if match is None:
            raise ValueError(f"cannot read {wanted!r}")
        pins.append(Pin(normalised(match["name"]), match["version"], (match["marker"] or "").strip()))
    return tuple(pins)


def applying(pins: Iterable[Pin], values: Mapping[str, str]) -> dict[str, str]:
    """name -> version of the pins whose marker is true for `values`."""
    return {pin.name: pin.version for pin in pins if not pin.marker or is_true(pin.marker, values)}


def own_values(python_full_version: str) -> dict[str, str]:
    """The marker variables of this machine under CPython `python_full_version`."""
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": python_full_version,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": python_full_version,
        "python_version": ".".join(python_full_version.split(".")[:2]),
        "sys_platform": sys.platform,
    }


def is_true(marker: str, values: Mapping[str, str]) -> bool:
    """Whether an environment marker holds for `values`. Its grammar is a part of Python's, so Python's parser reads it;
    what is outside of that part (`~=`, `extra`, an unknown variable) is a ValueError, never a guess."""
    try:
        tree = ast.parse(marker.strip(), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"cannot read the marker {marker!r}") from error
    return _holds(tree.body, values)


def _holds(node: ast.expr, values: Mapping[str, str]) -> bool:
    match node:
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_each(parts, values))
        case ast.BoolOp(op=ast.Or(), values=parts):
            return any(_each(parts, values))
        case ast.Compare(left=left, ops=[order], comparators=[right]) if type(order) in _ORDER:
            return _compares(left, order, right, values)
        case _:
            raise ValueError(f"cannot read the marker {ast.unparse(node)!r}")


def _each(parts: list[ast.expr], values: Mapping[str, str]) -> list[bool]:
    """Each part's truth. All are read, so that what cannot be read is found wherever it stands."""
    return [_holds(part, values) for part in parts]


def _compares(left: ast.expr, order: ast.cmpop, right: ast.expr, values: Mapping[str, str]) -> bool:
    names = {node.id for node in (left, right) if isinstance(node, ast.Name)}
    first, second = _value(left, values), _value(right, values)
    is_order_of_versions = names & _VERSIONS and not isinstance(order, ast.In | ast.NotIn)
    if not is_order_of_versions:
        return _ORDER[type(order)](first, second)
    if second.endswith(".*"):
        first, second = _cut_alike(first, second.removesuffix(".*"))
    return _ORDER[type(order)](_release(first), _release(second))


def _cut_alike(version: str, prefix: str) -> tuple[str, str]:
    """`version` cut to as many parts as `prefix` has: what `== 3.13.*` compares."""
    return ".".join(version.split(".")[: prefix.count(".") + 1]), prefix


def _value(node: ast.expr, values: Mapping[str, str]) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name) if name in values:
            return values[name]
        case _:
            raise ValueError(f"cannot read {ast.unparse(node)!r} in a marker")


def _release(version: str) -> tuple[int, ...]:
    """The numbers of a version without trailing zeros: 3.13.0 equals 3.13."""
    match = _RELEASE.match(version)
    if match is None:
        raise ValueError(f"cannot read the version {version!r} in a marker")
    return tuple(int(part) for part in re.sub(r"(\.0)+$", "", match.group()).split("."))
