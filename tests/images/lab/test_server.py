"""The session's server leaves out what it says, and still is JupyterHub's."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from images.lab.server import LEFT_OUT

ROOT = Path(__file__).resolve().parents[3]


def in_a_session(program: str) -> str:
    """What `program` prints in a process that has imported all that a session's server imports."""
    whole = f"""
from images.lab.server import leave_out
leave_out()
import sys, jupyterhub.singleuser, jupyterlab.labapp, jupyterlab_jupytext, jupyter_server_terminals
{program}
"""
    done = subprocess.run([sys.executable, "-P", "-c", whole], env={"PYTHONPATH": str(ROOT)}, capture_output=True,
                          text=True, check=False, cwd=ROOT)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_none_of_it_is_imported() -> None:
    found = json.loads(in_a_session("import json; print(json.dumps(sorted(m for m in sys.modules if sys.modules[m])))"))
    packages = {name.partition(".")[0] for name in found}
    assert {"jupyterhub", "jupyterlab", "jupyter_server", "jsonschema", "tornado"} <= packages
    assert packages & {"alembic", "lark", "rfc3987_syntax", "httpx", "rich"} == set()
    assert [name for name in found if name.startswith("sqlalchemy")] == ["sqlalchemy", "sqlalchemy.exc"]


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_stands_in_for_it_has_names_of_the_real_one(name: str) -> None:
    real = import_module(name)
    assert [each for each in LEFT_OUT[name] if not isinstance(getattr(real, each), type)] == []


def test_a_sessions_permissions_are_compared_without_the_database() -> None:
    program = """
from jupyterhub.scopes import _intersect_expanded_scopes as common
asked = {'access:servers!user=ada', 'read:users!group=class'}
print(sorted(common(asked, {'access:servers!server=ada/', 'read:users!user=ada'})))
print(sorted(common(asked, {'access:servers!server=ben/'})))
"""
    assert in_a_session(program) == "['access:servers!server=ada/']\n[]\n"


def test_the_extension_manager_that_is_left_out_is_not_the_one_of_the_settings() -> None:
    settings = json.loads((ROOT / "images/lab/jupyter/jupyter_server_config.json").read_text())
    chosen = settings["LabApp"]["extension_manager"]
    program = f"from jupyterlab.extensions import MANAGERS; print(MANAGERS[{chosen!r}].load()().__class__.__name__)"
    assert in_a_session(program) == "ReadOnlyExtensionManager\n"
