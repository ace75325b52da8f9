"""The environment that the hub hands to JupyterLab, and JupyterLab to kernels and terminals."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from provisioning.here.place import Place, clean_environment, lab_environment


def session_environment(place: Place, lab_python: Path, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The user's own environment, with Python and Jupyter settings replaced by the workshop's.

    In a terminal `python` is the lab environment's and `workshop` is this clone's. Jupyter reads and writes in the
    state folder only: settings and kernels that the user has elsewhere neither show up nor are touched.
    """
    kept = lab_environment(place, clean_environment(environment))
    folders = [str(lab_python.parent), str(place.clone), kept.get("PATH", os.defpath)]
    return {
        **kept,
        "PATH": os.pathsep.join(folders),
        "JUPYTER_DATA_DIR": str(place.jupyter / "data"),
        "JUPYTER_CONFIG_DIR": str(place.jupyter / "config"),
        "JUPYTER_CONFIG_PATH": str(place.clone / "images" / "lab" / "jupyter"),
        "IPYTHONDIR": str(place.jupyter / "ipython"),
    }
