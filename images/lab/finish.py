"""`python -m images.lab.finish`: the last step of an image: kernels, compiled modules, and where the labs' Python is.

Afterwards nothing of the workshop's own needs to be written where sessions run, and none of them could.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from images.lab import kernels

WORKSHOP = Path(__file__).resolve().parents[2]
LAB_PYTHON = Path("/opt/lab/bin/python")
ORDINARY_PYTHON = Path("/usr/bin/python3")


def finish(workshop: Path, lab_python: Path) -> None:
    """Write what `workshop` (the command) and JupyterLab look for, below WORKSHOP_STATE."""
    state = Path(os.environ["WORKSHOP_STATE"])
    kernels.install(lab_python, workshop, state / "jupyter")
    (state / "lab-python").write_text(f"{lab_python}\n", encoding="utf-8")
    for file in state.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    for python in (lab_python, ORDINARY_PYTHON):
        subprocess.run([python, "-m", "compileall", "-q", workshop], check=True)


if __name__ == "__main__":
    finish(WORKSHOP, LAB_PYTHON)
