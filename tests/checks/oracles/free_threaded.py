"""Runs a test's program in the lab environment, and brings back what it says."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

LIMIT_S = 60.0


def run(python: Path, folder: Path, program: str, *flags: str) -> Any:
    """The one value that `program`, a file in `folder`, gives to `tell(...)`; GIL off, unless `flags` say otherwise."""
    file = folder / "program.py"
    file.write_text(f"import json, sys\nfrom pathlib import Path\nHERE = Path(__file__)\n{_TELL}\n{program}")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHON_GIL"}
    child = subprocess.run(
        [python, *flags, file],
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    return json.loads(child.stdout)


_TELL = """
def tell(value):
    print(json.dumps(value))
"""
