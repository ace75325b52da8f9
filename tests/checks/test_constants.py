from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from provisioning.here.place import Place
from tests.conftest import ROOT

# An immortal object says that it is referred to some thousand million times.
PROGRAM = """
import sys
from pathlib import Path
from checks.constants import immortal
from checks.exercise import load

source = "def scaled(x): return x * 2.5"
counted, uncounted = {}, {}
exec(compile(source, "cell", "exec"), counted)
exec(immortal(compile(source, "cell", "exec")), uncounted)
Path("exercise.py").write_text(source)
loaded = load(Path("exercise.py"), "exercise")
for function in (counted["scaled"], uncounted["scaled"], loaded.scaled):
    assert function(2) == 5.0
    (number,) = [each for each in function.__code__.co_consts if each]
    print(sys.getrefcount(number) > 2**30)
"""


@pytest.mark.parametrize("series", ["lab_python", "other_place"])
def test_threads_do_not_count_references_to_the_constants_of_an_exercise(
    series: str, lab_python: Path, other_place: Place, tmp_path: Path
) -> None:
    python = lab_python if series == "lab_python" else other_place.lab_python()
    assert python
    ran = subprocess.run(
        [python, "-c", PROGRAM], env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=tmp_path,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stdout.split() == ["False", "True", "True"], ran.stderr
