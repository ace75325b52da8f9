"""Is the GIL off in this very process, and if not, who turned it on?

`watch` is begun before an attendee's file is loaded. What it gives asks by functions that were taken then.
"""

from __future__ import annotations

import os
import re
import sys
import sysconfig
import time
from collections.abc import Callable, Iterable
from typing import Any

from checks.suite import Failed

EXPECTED = "a free-threaded Python with the GIL off and PYTHON_GIL unset"
NOBODY = "the GIL is on: `-X gil=1`, or an extension module that does not declare free-threading"
# CPython's words: Python/import.c, _PyImport_EnableGILAndWarn
_ENABLED_BY = re.compile(r"has been enabled to load module '([^']+)'")
_LOADING_TURNS, _LOADING_TURN_S = 25, 0.02


def is_free_threaded_build() -> bool:
    """Whether this interpreter was configured with --disable-gil."""
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def is_enabled() -> bool:
    """Whether the GIL is on now; an interpreter that has no say in it always has one."""
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())


def watch() -> Callable[[], str]:
    """Watch who turns the GIL on, from now on. What is returned says it whenever it is called: "" while the GIL is off.

    Each extension module is noted as it is loaded, by an audit hook: no filter for warnings hides it, in no thread, and
    nobody can take the hook away. Assumes: two threads do not load their first extension modules at the same moment;
    otherwise the other module may be named.
    """
    is_on: Callable[[], bool] = getattr(sys, "_is_gil_enabled", lambda: True)
    sleep, suspects = time.sleep, [""]

    def saw(event: str, arguments: tuple[Any, ...]) -> None:
        # an extension module has a file here; CPython turns the GIL on after this event, if the module needs it
        if event == "import" and arguments[1] and not is_on():
            suspects[0] = arguments[0]

    def turned_on_by() -> str:
        for _ in range(_LOADING_TURNS):  # while any extension module is being loaded, the GIL is on for that time
            if not is_on():
                return ""
            sleep(_LOADING_TURN_S)
        return f"importing `{suspects[0]}` turned the GIL back on" if suspects[0] else NOBODY

    if is_free_threaded_build():
        sys.addaudithook(saw)
    return turned_on_by


def culprit(warning_texts: Iterable[str]) -> str | None:
    """The module that CPython's RuntimeWarning names as the one that turned the GIL on; None if there is none."""
    for text in warning_texts:
        if match := _ENABLED_BY.search(text):
            return match.group(1)
    return None


def require_off(turned_on_by: Callable[[], str]) -> str:
    """What was found, if this process runs without the GIL and nobody forced it; otherwise Failed with the cause.

    turned_on_by: what `watch` gave.
    """
    if not is_free_threaded_build():
        raise Failed(f"{sys.executable} is an ordinary Python: its GIL cannot be turned off", expected=EXPECTED)
    if forced := os.environ.get("PYTHON_GIL"):
        raise Failed(
            f"PYTHON_GIL={forced} forces the answer and hides every module that would change it", expected=EXPECTED
        )
    if found := turned_on_by():
        raise Failed(found, expected=EXPECTED)
    return "GIL off"
