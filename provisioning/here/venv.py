"""The clone's .venv: an ordinary Python with what the locks say, repaired if an install was interrupted."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from foundation import files
from foundation.lock import locked
from foundation.packages import install_line, venv_package
from foundation.problem import Problem
from foundation.processes import end_marked
from foundation.steps import Step, Steps
from provisioning.here.place import Place, clean_environment

MARK = "WORKSHOP_INSTALLS"
GRACE_S = 2.0
UV = "uv"  # the lock that pip installs; uv installs the others
KINDS = ("global", "site", "user", "install", ":env:")  # of pip's settings: the later has the last word


def ensure(place: Place, lock: str, steps: Steps) -> None:
    """Make .venv hold at least what `lock` ("hub" or "test") says, and keep what it held of other locks.

    Guarantees: of two that run at once one installs, the other waits and finds it done; .venv's stamp is there only
    while nothing is being installed, so that an interrupted install is repaired by the next call.
    """
    with steps.step(f"Python packages for {lock} in .venv") as step, _alone(place.clone, step):
        if is_ready(place, lock):
            step.already()
            return
        end_marked(MARK, str(place.clone), GRACE_S)  # what a killed install left would write into the new one
        if not _installed(place):
            _create(place, step)
        wanted = _wanted(place, lock)
        _stamp(place).unlink(missing_ok=True)
        _install(place, wanted, step)
        files.write(_stamp(place), json.dumps(wanted))


def is_ready(place: Place, lock: str = "hub") -> bool:
    """Whether .venv holds what `lock` says now."""
    return _installed(place) == _wanted(place, lock)


def is_there(place: Place) -> bool:
    """Whether .venv holds something, of the locks as they are or were: then it is made fit, and not made anew."""
    return bool(_installed(place))


def settings_for_uv(pip_settings: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The output of `pip config list` as variables that uv reads; a variable that is set already is left alone.

    pip takes the best version of all its indexes, uv of the first that has the package: uv is told to do as pip does.
    Hashes decide what may be installed, wherever it comes from.
    """
    said = _read_pip_settings(pip_settings)
    index = said.get("extra-index-url", "").split()
    found = {
        "UV_DEFAULT_INDEX": said.get("index-url", ""),
        "UV_INDEX": " ".join(index),
        "UV_INDEX_STRATEGY": "unsafe-best-match" if index else "",
        "UV_FIND_LINKS": ",".join(said.get("find-links", "").split()),
        "UV_NO_INDEX": "1" if said.get("no-index", "").lower() in ("1", "true", "yes", "on") else "",
        "UV_INSECURE_HOST": " ".join(said.get("trusted-host", "").split()),
        "UV_HTTP_TIMEOUT": said.get("timeout") or said.get("default-timeout", ""),
        "SSL_CERT_FILE": said.get("cert", ""),
        "SSL_CLIENT_CERT": said.get("client-cert", ""),
        "ALL_PROXY": said.get("proxy", ""),
    }
    return {name: value for name, value in found.items() if value and name not in environment}


def _read_pip_settings(text: str) -> dict[str, str]:
    """Setting -> value, from lines such as `global.index-url='...'`."""
    lines = [line.partition("=") for line in text.splitlines()]
    parts = [(name.partition("."), value) for name, equals, value in lines if equals]
    known = [(kind, name, value) for (kind, _, name), value in parts if kind in KINDS]
    ordered = sorted(known, key=lambda each: KINDS.index(each[0]))
    return {name.lstrip("."): str(ast.literal_eval(value)) for _, name, value in ordered}


def _wanted(place: Place, lock: str) -> dict[str, str]:
    """What the stamp says when all is installed: the interpreter, and each lock's hash."""
    locks = {UV, "hub", lock} | (_installed(place).keys() - {"python"})
    hashes = {name: hashlib.sha256(_lock_file(place, name).read_bytes()).hexdigest() for name in sorted(locks)}
    return {"python": os.path.realpath(place.venv_python), **hashes}


def _installed(place: Place) -> dict[str, str]:
    """What the stamp says; empty if an install did not end, or if the interpreter is another one now."""
    try:
        said = json.loads(_stamp(place).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    python = os.path.realpath(place.venv_python)
    return said if said.get("python") == python and os.access(python, os.X_OK) else {}


def _create(place: Place, step: Step) -> None:
    """An empty .venv, made by the Python that runs this (or by the one that its own venv was made of)."""
    if importlib.util.find_spec("ensurepip") is None:
        raise Problem(
            f"{sys.executable} comes without Python's venv (its module ensurepip)",
            expected="the Debian package that has it",
            do=install_line([venv_package(sys.version_info[:2])]),
        )
    step.say("an empty environment")
    base = getattr(sys, "_base_executable", sys.executable)
    step.run([base, "-m", "venv", "--clear", place.clone / ".venv"], env=_environment(place))


def _install(place: Place, wanted: Mapping[str, str], step: Step) -> None:
    """pip installs uv by its lock; uv makes .venv equal to all locks. Every file's hash is compared with its lock."""
    adopt_pip_settings(place)
    environment = {**_environment(place), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_PYTHON_DOWNLOADS": "never"}
    python = place.venv_python
    step.say("uv")
    step.run(
        [python, "-m", "pip", "install", "--require-hashes", "--requirement", _lock_file(place, UV)], env=environment
    )
    step.say("packages")
    locks = [_lock_file(place, name) for name in wanted if name != "python"]
    uv = place.venv_python.with_name("uv")
    step.run([uv, "pip", "sync", "--require-hashes", "--python", python, *locks], env=environment)


def _environment(place: Place) -> dict[str, str]:
    return {**clean_environment(), MARK: str(place.clone)}


def adopt_pip_settings(place: Place) -> None:
    """Make uv, wherever it is called from here on, use the package index that this user has configured for pip."""
    pip = [str(place.venv_python), "-m", "pip", "config", "list"]
    listed = subprocess.run(pip, env=clean_environment(), capture_output=True, text=True, check=False)
    os.environ.update(settings_for_uv(listed.stdout, os.environ))


def _lock_file(place: Place, name: str) -> Path:
    return place.clone / "images" / "locks" / f"{name}.txt"


def _stamp(place: Place) -> Path:
    return place.clone / ".venv" / "installed.json"


def _alone(clone: Path, step: Step) -> AbstractContextManager[None]:
    """One installation at a time for this clone: the folder itself is what is locked."""
    return locked(clone, waiting=partial(step.say, "another ./workshop installs: waiting for it"))
