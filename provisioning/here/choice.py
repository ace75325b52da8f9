"""`./workshop up`, `status` and `down`: containers if a Docker engine answers, otherwise processes of this user."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from foundation.problem import Problem
from provisioning.here import compose, engine, instance, local, machine
from provisioning.here.engine import Engine, NoEngine
from provisioning.here.place import Place


def up(arguments: Sequence[str]) -> int:
    """Start the workshop where `choose` says. Raises Problem at once if this machine is not supported."""
    options = local.up_options(arguments)
    machine.require_supported()
    chosen = choose(options)
    return compose.up(options, chosen) if isinstance(chosen, Engine) else local.up(options, chosen.reason)


def choose(options: Namespace) -> Engine | NoEngine:
    """The engine to run containers on, or why there will be none: by --docker, --no-docker, LAB_TARGET, else by look.

    Raises Problem if containers are asked for and no engine answers.
    """
    if options.no_docker:
        return NoEngine("--no-docker asks for it")
    if not options.docker and instance.processes(Place.from_environment()):
        return NoEngine("it runs so already")
    found = engine.look()
    if isinstance(found, Engine):
        compose.adopt_env_file(Place.from_environment())
        return found
    if options.docker or os.environ.get("LAB_TARGET"):
        raise Problem(
            found.reason,
            expected="a Docker engine that answers to this user",
            do="install or start Docker, or: ./workshop up --no-docker",
        )
    return found


def status(arguments: Sequence[str]) -> int:
    """Say whether the workshop runs, and where. Exit code 0 where it runs, otherwise 1."""
    ArgumentParser(prog="workshop status").parse_args(arguments)
    project = _in_containers()
    return compose.status(project) if project else local.status()


def down(arguments: Sequence[str]) -> int:
    """End it, whichever it is; the attendees' work stays."""
    ArgumentParser(prog="workshop down").parse_args(arguments)
    project = _in_containers()
    if project is None:
        return local.down()
    ended = compose.down(project)
    return max(ended, local.down()) if instance.processes(Place.from_environment()) else ended


def _in_containers() -> compose.Project | None:
    """The workshop of this state folder that runs in containers, or None."""
    project = compose.project_here()
    if isinstance(project, NoEngine):
        return None
    return project if (project.is_running and not project.other_clone) or project.sessions() else None
