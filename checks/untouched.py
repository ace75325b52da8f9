"""Are the functions that the checks are made of still the ones that they were before the attendee's file ran?

This closes the cheap ways only. Whoever attacks the checks from inside their own process can fool them
(docs/decisions/0002-verdicts-by-structure-first.md).
"""

from __future__ import annotations

import builtins
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import ModuleType

OURS = ("checks.", "foundation.", "labs.", "lab_check")
_STANDARD = (builtins, json, threading, time)
_FREE = {"excepthook", "settrace", "setprofile"}  # names that are there to be replaced


def watch() -> Callable[[], str]:
    """Note what stands where now. What is returned names the first thing that is replaced later: "" while none is."""
    modules = {name: module for name, module in sys.modules.items() if name.startswith(OURS)}
    before = [(holder, name, value) for module in modules.values() for holder, name, value in _ours(module)]
    before += [(module, name, value) for module in _STANDARD for name, value in _public(module)]
    loaded, missing, get = sys.modules, object(), getattr

    def replaced() -> str:
        for name, module in modules.items():
            if loaded.get(name) is not module or sys.modules is not loaded:
                return f"the module `{name}`"
        for holder, name, value in before:
            if vars(holder).get(name, missing) is not value:
                return f"`{get(holder, '__name__', '')}.{name}`"
        return ""

    return replaced


def _ours(module: ModuleType) -> Iterator[tuple[ModuleType | type, str, object]]:
    """The functions and classes of `module`, and the methods of those classes that it defines."""
    for name, value in list(vars(module).items()):
        if callable(value):
            yield module, name, value
        if isinstance(value, type) and value.__module__ == module.__name__:
            for inner, method in list(vars(value).items()):
                if callable(method) or isinstance(method, property):
                    yield value, inner, method


def _public(module: ModuleType) -> Iterator[tuple[str, object]]:
    for name, value in list(vars(module).items()):
        if callable(value) and not name.startswith("_") and name not in _FREE:
            yield name, value
