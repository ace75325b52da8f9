"""A process looks like an ordinary Python of one version wherever an answer may look."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

SAY = """
import sys, sysconfig, platform
from checks.oracles import ordinary_python
minor = int(sys.argv[1])
ordinary_python.look_like(minor)
print(sys.version_info[:2], sys.version_info >= (3, 13), sys.hexversion >= 0x030D0000)
print(platform.python_version_tuple()[:2], sys.version.split(".")[:2], sys.implementation.version[:2])
print(repr(sys.abiflags), "free" in sys.version, sysconfig.get_config_var("SOABI").split("-")[1])
print(sysconfig.get_config_var("Py_GIL_DISABLED"), getattr(sys, "_is_gil_enabled", lambda: None)())
import json, decimal, random
"""


@pytest.mark.parametrize(("minor", "is_new", "disabled", "state"), [(12, False, None, None), (13, True, 0, True)])
def test_every_place_says_the_same(
    lab_python: Path, minor: int, is_new: bool, disabled: int | None, state: bool | None
) -> None:
    out = subprocess.run(
        [lab_python, "-c", SAY, str(minor)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert out.splitlines() == [
        f"(3, {minor}) {is_new} {is_new}",
        f"('3', '{minor}') ['3', '{minor}'] (3, {minor})",
        f"'' False 3{minor}",
        f"{disabled} {state}",
    ]
