"""The two kernels that JupyterLab offers: the same free-threaded Python, with the GIL off and with it on."""

from __future__ import annotations

import json
from pathlib import Path

from foundation import files

GIL_OFF = "gilfree"
GIL_ON = "gilfree-gil"
EXTENSION = "labs.attendee.notebook"


def kernelspecs(python: Path, clone: Path) -> dict[str, dict[str, object]]:
    """Kernel name -> kernel.json. `python` is the lab environment's, `clone` where the package labs is.

    Exercises carry the name that is shown, so it holds for every version. Verdicts say which version it was.
    """
    return {
        GIL_OFF: _kernelspec("Free-threaded Python, GIL off", python, [], clone),
        GIL_ON: _kernelspec("Free-threaded Python, GIL on", python, ["-X", "gil=1"], clone),
    }


def install(python: Path, clone: Path, data_folder: Path) -> None:
    """Write both kernelspecs to `data_folder`/kernels, the form in which JUPYTER_PATH wants them."""
    for name, spec in kernelspecs(python, clone).items():
        files.write(data_folder / "kernels" / name / "kernel.json", json.dumps(spec, indent=1) + "\n")


def _kernelspec(display_name: str, python: Path, options: list[str], clone: Path) -> dict[str, object]:
    """A kernelspec can set variables, not remove them: `env -u` keeps a PYTHON_GIL of the session from the kernel.

    -P: beside a file `re.py` no kernel would start otherwise (ipykernel#512). Our extension puts the lab's folder on
    the path, behind the standard library.
    """
    launch = [str(python), *options, "-P", "-m", "ipykernel_launcher", "-f", "{connection_file}", f"--ext={EXTENSION}"]
    return {
        "argv": ["/usr/bin/env", "-u", "PYTHON_GIL", *launch],
        "display_name": display_name,
        "language": "python",
        "env": {"PYTHONPATH": str(clone)},
        "metadata": {"debugger": True},
    }
