"""A session sees the workshop's Python and Jupyter settings, and the user's own of everything else."""

import os
from pathlib import Path

from provisioning.here.place import CLONE, Place
from provisioning.here.session import session_environment


def session(**environment: str) -> dict[str, str]:
    return session_environment(Place(Path("/state"), Path("/home")), Path("/lab/bin/python"), environment)


def test_python_is_the_labs_and_workshop_the_clones() -> None:
    folders = session(PATH="/usr/bin:/bin")["PATH"].split(os.pathsep)
    assert folders == ["/lab/bin", str(CLONE), "/usr/bin", "/bin"]


def test_a_forced_gil_and_foreign_jupyter_settings_do_not_get_in() -> None:
    found = session(PYTHON_GIL="0", PYTHONSTARTUP="/x", JUPYTER_CONFIG_DIR="/x", IPYTHONDIR="/x", JUPYTERLAB_DIR="/x")
    assert "PYTHON_GIL" not in found
    assert "PYTHONSTARTUP" not in found
    assert "JUPYTERLAB_DIR" not in found
    assert found["JUPYTER_CONFIG_DIR"] == "/state/jupyter/config"
    assert found["IPYTHONDIR"] == "/state/jupyter/ipython"


def test_the_users_own_settings_stay() -> None:
    assert session(EDITOR="ed", HOME="/home/me")["EDITOR"] == "ed"
    assert session(HOME="/home/me")["HOME"] == "/home/me"
