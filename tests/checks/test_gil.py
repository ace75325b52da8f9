"""The GIL of this very process: off, forced, or turned on by somebody who is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from checks import gil
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
import importlib
import sys
import threading
import warnings
from pathlib import Path
from checks import gil
from checks.suite import Failed
from labs import extension

labs = Path(extension.__file__).parent
NEEDS_GIL = extension.built(labs / "lab01_gil_state" / "needs_gil.c")
sys.path.append(str(NEEDS_GIL.parent))
turned_on_by = gil.watch()

def say():
    try:
        print(gil.require_off(turned_on_by))
    except Failed as failed:
        print(failed.found)
"""
NOBODY = "the GIL is on: `-X gil=1`, or an extension module that does not declare free-threading"
NAMED = "importing `needs_gil` turned the GIL back on"


def asked(python: Path, *options: str, code: str = "say()", **environment: str) -> list[str]:
    """What a fresh process says about its own GIL."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHON_GIL"}
    out = subprocess.run(
        [python, *options, "-c", ASK + code],
        env={**inherited, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return out.stdout.splitlines()


def test_the_module_that_turned_it_on_is_read_from_pythons_warning() -> None:
    assert gil.culprit(["something else", WARNING]) == "old.speedups"
    assert gil.culprit(["something else"]) is None
    assert gil.culprit([]) is None


def test_an_ordinary_python_fails() -> None:
    assert not gil.is_free_threaded_build()
    assert gil.is_enabled()
    with pytest.raises(Failed) as raised:
        gil.require_off(gil.watch())
    assert raised.value.found == f"{sys.executable} is an ordinary Python: its GIL cannot be turned off"
    assert raised.value.expected == EXPECTED


def test_the_labs_python_passes_before_and_after_an_extension_that_declares_free_threading(lab_python: Path) -> None:
    assert asked(lab_python, code="say(); import numpy; say()") == ["GIL off"] * 2


@pytest.mark.parametrize(
    "code",
    [
        "import needs_gil; say()",
        "import needs_gil, numpy; say()",
        "import numpy, needs_gil; say()",
        "warnings.simplefilter('ignore'); import needs_gil; say()",
        "with warnings.catch_warnings(record=True):\n    import needs_gil\nsay()",
        "a = threading.Thread(target=importlib.import_module, args=['needs_gil']); a.start(); a.join(); say()",
        "sys._is_gil_enabled = lambda: False; import needs_gil; say()",
    ],
)
def test_whoever_turns_it_on_is_named_however_quietly_it_is_done(lab_python: Path, code: str) -> None:
    assert asked(lab_python, code=code) == [NAMED]


def test_it_may_be_turned_on_between_two_questions(lab_python: Path) -> None:
    assert asked(lab_python, code="say(); import needs_gil; say(); say()") == ["GIL off", NAMED, NAMED]


def test_a_gil_that_was_on_from_the_start_has_nobody_to_blame(lab_python: Path) -> None:
    assert asked(lab_python, "-X", "gil=1", code="import needs_gil; say()") == [NOBODY]


@pytest.mark.parametrize("value", ["0", "1"])
def test_a_forced_gil_fails_even_where_it_is_off(lab_python: Path, value: str) -> None:
    assert asked(lab_python, PYTHON_GIL=value) == [
        f"PYTHON_GIL={value} forces the answer and hides every module that would change it"
    ]
