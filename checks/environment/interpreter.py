"""The lab interpreter: the right build, in the version that the environment was made with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from checks.environment.environment import Environment
from checks.environment.fresh import run_script
from checks.suite import Failed, Inconclusive, check

LIMIT_S = 15.0
MAKE_ANEW = "`./workshop up` makes the lab environment anew"


@dataclass(frozen=True, slots=True)
class Build:
    """What an interpreter says about itself, before anything was imported but what its site folder imports."""

    version: str
    is_free_threaded: bool
    gil_on: bool
    said: str  # on stderr: CPython's warning, where something turned the GIL on


def gather_build(environment: Environment) -> Build:
    """Ask a fresh child, with PYTHON_GIL unset. Raises Failed if it cannot be started or does not answer."""
    try:
        ran = run_script("build", [], environment.python, environment.child_environ(), LIMIT_S)
    except OSError as error:
        raise Failed(f"{environment.python} cannot be started: {error.strerror}", do=MAKE_ANEW) from error
    if ran.code != 0:
        raise Failed(f"{environment.python} {ran.ending}: {ran.last_words}", do=MAKE_ANEW)
    return Build(**json.loads(ran.out.splitlines()[-1]), said=ran.err)


def gather_recorded_version(prefix: Path) -> str | None:
    """The Python version written down when the environment was made (pyvenv.cfg), or None if there is no record."""
    try:
        lines = (prefix / "pyvenv.cfg").read_text().splitlines()
    except OSError:
        return None
    values = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)}
    return values.get("version_info") or values.get("version")


def is_version(running: str, recorded: str) -> bool:
    """Whether `running` is the recorded version; a record may go further (3.13.15.final.0) or be shorter (3.13)."""
    pairs = zip(running.split("."), recorded.split("."), strict=False)
    return all(mine == theirs for mine, theirs in pairs)


@check("python.build", "The lab interpreter is a free-threaded build")
def free_threaded(environment: Environment) -> str:
    """`./workshop up` finds or builds a free-threaded Python and prints which; run the checks with that one."""
    build = gather_build(environment)
    if not build.is_free_threaded:
        raise Failed(
            f"{environment.python} is an ordinary build of Python {build.version}",
            expected="a build with --disable-gil (Py_GIL_DISABLED is 1)",
        )
    return f"Python {build.version}, free-threaded"


@check("python.version", "The interpreter has the version that the environment was made with")
def version(environment: Environment) -> str:
    """The interpreter below the environment was replaced. `./workshop up` makes the environment anew for it."""
    recorded = gather_recorded_version(environment.prefix)
    if recorded is None:
        raise Inconclusive(
            f"no version is recorded in {environment.prefix / 'pyvenv.cfg'}",
            expected="the lab environment that `./workshop up` makes",
            do="run the checks by `./workshop check`, which uses that environment",
        )
    running = gather_build(environment).version
    if not is_version(running, recorded):
        raise Failed(f"Python {running}", expected=f"Python {recorded}, with which the packages were installed")
    return f"Python {running}"
