"""Whether an interpreter can be trusted for the workshop: asked of the interpreter itself, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from images.versions import OLDEST_TRUSTED, versions

LIMIT_S = 30.0
SERIES = versions().rows()[0].series
MODULES = ("ssl", "sqlite3", "ctypes", "lzma", "bz2", "zlib", "readline", "uuid", "venv")
PROGRAM = """
import importlib, json, os, sys, sysconfig
failed = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException as error:
        failed[name] = str(error) or type(error).__name__
print(json.dumps({
    "version": list(sys.version_info[:3]),
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "gil_on": getattr(sys, "_is_gil_enabled", lambda: True)(),
    "failed": failed,
    "header": os.path.isfile(os.path.join(sysconfig.get_path("include"), "Python.h")),
    "base": getattr(sys, "_base_executable", sys.executable),
}))
"""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What the self-test found: the interpreter's version, and the reasons against it (none: it can be trusted).

    base: the interpreter itself, where the one asked belongs to a virtual environment of it.
    """

    version: str
    reasons: tuple[str, ...]
    base: Path = Path()

    @property
    def trusted(self) -> bool:
        """Whether nothing speaks against the interpreter."""
        return not self.reasons


def self_test(python: Path, series: tuple[int, int] = SERIES) -> SelfTest:
    """Ask `python` what it is and let it import what the workshop needs, with PYTHON_GIL unset."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [str(python), "-I", "-c", PROGRAM, *MODULES]
    try:
        done = subprocess.run(command, env=clean, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except OSError as error:
        return SelfTest("", (f"it does not start: {error.strerror}",))
    except subprocess.TimeoutExpired:
        return SelfTest("", (f"it gave no answer in {LIMIT_S:.0f} s",))
    try:
        return judge(json.loads(done.stdout.splitlines()[-1]), series)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError):
        said = (done.stderr or done.stdout).strip().splitlines() or ["it says nothing"]
        return SelfTest("", (f"it is not a working Python: exit code {done.returncode}, {said[-1]}",))


def judge(facts: dict[str, Any], series: tuple[int, int] = SERIES) -> SelfTest:
    """What speaks against an interpreter, by what it said of itself."""
    found = tuple(facts["version"])
    version = ".".join(str(part) for part in found)
    reasons = []
    if found[:2] != series:
        reasons.append(f"it is Python {version}, not {series[0]}.{series[1]}")
    elif found < OLDEST_TRUSTED:
        reasons.append(f"it is Python {version}, older than {'.'.join(str(part) for part in OLDEST_TRUSTED)}")
    if not facts["free_threaded"]:
        reasons.append("it is not a free-threaded build (configure --disable-gil)")
    elif facts["gil_on"]:
        reasons.append("its GIL is on although PYTHON_GIL is unset")
    reasons += [f"it cannot import {name}: {error}" for name, error in facts["failed"].items()]
    if not facts["header"]:
        reasons.append("its headers are not installed (Python.h)")
    return SelfTest(version, tuple(reasons), Path(facts["base"]))
