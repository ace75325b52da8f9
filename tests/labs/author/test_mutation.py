"""Mutants of a whole lab, judged for real: the template's checks catch most of them, and the others are named."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.conftest import ROOT
from tests.labs.toy_labs import template_lab


def test_the_templates_mutants_are_judged_and_survivors_named(lab_python: Path, tmp_path: Path) -> None:
    lab = template_lab(tmp_path)
    program = (
        "import sys; from pathlib import Path; from labs import catalogue; from labs.author import mutation;"
        "sys.exit(mutation.count_mutants([catalogue.read(Path(sys.argv[1]))]))"
    )
    done = subprocess.run(
        [lab_python, "-P", "-c", program, str(lab.folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    caught, _, every = lines[-1].split()[:3]
    named = [line for line in lines if line.startswith("  ✘ ")]
    assert int(every) >= 5
    assert len(named) == int(every) - int(caught)
    assert int(caught) >= 1
    assert done.returncode == (int(caught) < 0.95 * int(every))
