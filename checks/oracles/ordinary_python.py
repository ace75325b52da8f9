"""Oracle: the running interpreter, made to look like an ordinary Python of another version to Python code.

An answer must not depend on which ordinary Python a machine happens to have: each version that matters can be shown.
To be called in a process of its own (`interpreters.ask`), before the exercise is loaded: nothing takes it back.
"""

from __future__ import annotations

import importlib.machinery
import sys
import sysconfig
from types import SimpleNamespace
from typing import NamedTuple


class VersionInfo(NamedTuple):
    """What `sys.version_info` is made of."""

    major: int
    minor: int
    micro: int
    releaselevel: str = "final"
    serial: int = 0


def look_like(minor: int) -> None:
    """From now on this process is an ordinary Python 3.`minor`: in sys, sysconfig and platform alike."""
    version = VersionInfo(3, minor, 1)
    _change_configuration(version)
    sys.dont_write_bytecode = True
    sys.version_info = version  # type: ignore[assignment]
    sys.hexversion = (3 << 24) | (minor << 16) | (1 << 8) | 0xF0
    sys.version = f"3.{minor}.1 (main, Dec  3 2024, 17:59:52) [GCC 13.2.0]"  # platform reads this
    sys.abiflags = ""
    sys.implementation.version = version  # type: ignore[assignment]
    sys.implementation.hexversion = sys.hexversion
    sys.implementation.cache_tag = f"cpython-3{minor}"
    flags = {name: getattr(sys.flags, name) for name in dir(sys.flags) if name.islower() and not name.startswith("_")}
    flags.pop("gil", None)
    sys.flags = SimpleNamespace(**flags)  # type: ignore[assignment]
    sys._xoptions.pop("gil", None)
    if minor >= 13:
        vars(sys)["_is_gil_enabled"] = lambda: True
    else:
        vars(sys).pop("_is_gil_enabled", None)


def _change_configuration(version: VersionInfo) -> None:
    """What sysconfig knows: the threading build leaves its name in many places."""
    own = f"{sys.version_info.major}{sys.version_info.minor}{sys.abiflags}"
    other = f"{version.major}{version.minor}"
    known = sysconfig.get_config_vars()
    for name in ("SOABI", "EXT_SUFFIX"):
        known[name] = str(known[name]).replace(f"cpython-{own}", f"cpython-{other}")
    known["CONFIG_ARGS"] = str(known.get("CONFIG_ARGS", "")).replace("'--disable-gil'", "")
    known.update(
        py_version=f"3.{version.minor}.{version.micro}",
        py_version_short=f"3.{version.minor}",
        py_version_nodot=other,
        LDVERSION=f"3.{version.minor}",
        VERSION=f"3.{version.minor}",
        ABIFLAGS="",
        abiflags="",
        abi_thread="",
        Py_GIL_DISABLED=0,
    )
    if version.minor < 13:
        del known["Py_GIL_DISABLED"]
    importlib.machinery.EXTENSION_SUFFIXES[0] = known["EXT_SUFFIX"]
