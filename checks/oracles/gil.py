"""Oracle: is the GIL off in this very process, and if not, who turned it on?"""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from collections.abc import Iterable

from checks.suite import Failed

# CPython's words: Python/import.c, _PyImport_EnableGILAndWarn
_ENABLED_BY = re.compile(r"has been enabled to load module '([^']+)'")


def is_free_threaded_build() -> bool:
    """Whether this interpreter was configured with --disable-gil."""
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def is_enabled() -> bool:
    """Whether the GIL is on now; an interpreter that has no say in it always has one."""
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())


def culprit(warning_texts: Iterable[str]) -> str | None:
    """The module that CPython's RuntimeWarning names as the one that turned the GIL on; None where there is none."""
    for text in warning_texts:
        if match := _ENABLED_BY.search(text):
            return match.group(1)
    return None


def require_off(warning_texts: Iterable[str] = ()) -> str:
    """What was found, where this process runs without the GIL and nobody forced it; otherwise Failed with the cause."""
    expected = "a free-threaded Python with the GIL off and PYTHON_GIL unset"
    if not is_free_threaded_build():
        raise Failed(f"{sys.executable} is an ordinary Python: its GIL cannot be turned off", expected=expected)
    if forced := os.environ.get("PYTHON_GIL"):
        raise Failed(
            f"PYTHON_GIL={forced} forces the answer and hides every module that would change it", expected=expected
        )
    if not is_enabled():
        return "GIL off"
    if module := culprit(warning_texts):
        raise Failed(f"importing `{module}` turned the GIL back on", expected=expected)
    raise Failed(
        "the GIL is on: `-X gil=1`, or an extension module that does not declare free-threading", expected=expected
    )
