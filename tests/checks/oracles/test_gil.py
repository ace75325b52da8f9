"""The GIL of this very process: off, forced, or turned on by somebody who is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from checks.oracles import gil
from checks.suite import Failed
from tests.conftest import ROOT

# CPython 3.13's own words, Python/import.c
WARNING = (
    "The global interpreter lock (GIL) has been enabled to load module 'old.speedups', which has not declared that it"
    " can run safely without the GIL. To override this behavior and keep the GIL disabled (at your own risk), run with"
    " PYTHON_GIL=0 or -Xgil=0."
)
EXPECTED = "a free-threaded Python with the GIL off and PYTHON_GIL unset"
ASK = """
import sys
from checks.oracles import gil
from checks.suite import Failed
try:
    print(gil.require_off(sys.argv[1:]))
except Failed as failed:
    print(failed.found)
"""


def asked(python: Path, *options: str, warning: str = "", **environment: str) -> str:
    """What a fresh process says about its own GIL."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHON_GIL"}
    out = subprocess.run(
        [python, *options, "-c", ASK, warning],
        env={**inherited, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return out.stdout.strip()


def test_the_module_that_turned_it_on_is_read_from_pythons_warning() -> None:
    assert gil.culprit(["something else", WARNING]) == "old.speedups"
    assert gil.culprit(["something else"]) is None
    assert gil.culprit([]) is None


def test_an_ordinary_python_fails() -> None:
    assert not gil.is_free_threaded_build()
    assert gil.is_enabled()
    with pytest.raises(Failed) as raised:
        gil.require_off()
    assert raised.value.found == f"{sys.executable} is an ordinary Python: its GIL cannot be turned off"
    assert raised.value.expected == EXPECTED


@pytest.mark.lab_env
def test_the_labs_python_passes(lab_python: Path) -> None:
    assert asked(lab_python) == "GIL off"


@pytest.mark.lab_env
def test_a_gil_that_was_turned_on_fails_with_the_module_that_did_it(lab_python: Path) -> None:
    assert asked(lab_python, "-X", "gil=1", warning=WARNING) == "importing `old.speedups` turned the GIL back on"


@pytest.mark.lab_env
def test_a_gil_that_nobody_warned_of_fails_too(lab_python: Path) -> None:
    assert asked(lab_python, "-X", "gil=1") == (
        "the GIL is on: `-X gil=1`, or an extension module that does not declare free-threading"
    )


@pytest.mark.lab_env
@pytest.mark.parametrize("value", ["0", "1"])
def test_a_forced_gil_fails_even_where_it_is_off(lab_python: Path, value: str) -> None:
    assert asked(lab_python, PYTHON_GIL=value) == (
        f"PYTHON_GIL={value} forces the answer and hides every module that would change it"
    )
