"""Where one workshop lives on this machine: the clone, its state folder, the attendee's folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from foundation import files
from foundation.problem import Problem

CLONE = Path(__file__).resolve().parents[2]
FOREIGN = ("PYTHON", "JUPYTER", "IPYTHON", "CONFIGPROXY_")


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one instance. The state folder's absolute path is also the mark of its processes."""

    state: Path
    home: Path
    clone: Path = CLONE

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Place:
        """WORKSHOP_STATE, by default .workshop in the clone; WORKSHOP_HOME, by default home in the state folder."""
        state = Path(environment.get("WORKSHOP_STATE") or CLONE / ".workshop").expanduser().resolve()
        home = Path(environment.get("WORKSHOP_HOME") or state / "home").expanduser().resolve()
        return cls(state, home)

    @property
    def hub(self) -> Path:
        """The hub's database, secrets and log."""
        return self.state / "hub"

    @property
    def login(self) -> Path:
        """The unused login codes."""
        return self.state / "login"

    @property
    def jupyter(self) -> Path:
        """What Jupyter finds (kernels) and writes (settings, trust) for this instance only."""
        return self.state / "jupyter"

    @property
    def log(self) -> Path:
        """All that the hub, the proxy and JupyterLab say."""
        return self.hub / "hub.log"

    @property
    def setup_log(self) -> Path:
        """The output of everything that `up` installs or builds."""
        return self.state / "setup.log"

    @property
    def venv_python(self) -> Path:
        """The ordinary Python that runs the servers."""
        return self.clone / ".venv" / "bin" / "python"

    def make(self) -> None:
        """Make the folders, readable by this user only. Raises Problem if that cannot be."""
        try:
            for folder in (self.state, self.hub, self.login, self.jupyter):
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(0o700)
            self.home.mkdir(parents=True, exist_ok=True)
            for folder in (self.state, self.home):
                tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            raise Problem(
                f"{error.filename or self.state} cannot be written: {error.strerror}",
                expected="a state folder that you own and may write",
                do="set WORKSHOP_STATE to one, for example: WORKSHOP_STATE=~/workshop-state ./workshop up",
            ) from error

    def lab_python(self) -> Path | None:
        """The lab environment's Python that the last `up` or `test` obtained; None if there is none."""
        try:
            python = Path(self._lab_python_record.read_text(encoding="utf-8").strip())
        except OSError:
            return None
        return python if os.access(python, os.X_OK) else None

    def remember_lab_python(self, python: Path) -> None:
        """Make `python` the one that `check` and `lab` run on."""
        files.write(self._lab_python_record, f"{python}\n")

    @property
    def _lab_python_record(self) -> Path:
        return self.state / "lab-python"


def lab_environment(place: Place, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What `python -m labs` and `python -m checks` run with. PYTHON_GIL stays: a forced one is a finding."""
    kept = {name: value for name, value in environment.items() if name not in ("PYTHONHOME", "VIRTUAL_ENV")}
    return {
        **kept,
        "PYTHONPATH": str(place.clone),
        "WORKSHOP_STATE": str(place.state),
        "WORKSHOP_HOME": str(place.home),
        "JUPYTER_PATH": str(place.jupyter),
        "WORKSHOP_ORDINARY_PYTHON": environment.get("WORKSHOP_ORDINARY_PYTHON") or str(place.venv_python),
    }


def clean_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """`environment` without settings of other Pythons and Jupyters. An ordinary Python dies of a PYTHON_GIL=0."""
    return {
        name: value for name, value in environment.items() if not name.startswith(FOREIGN) and name != "VIRTUAL_ENV"
    }
