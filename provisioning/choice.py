"""`./workshop up`, `status` and `down`: processes of this user, or with --docker containers."""

from __future__ import annotations

from collections.abc import Sequence

from checks.problem import Problem
from provisioning import compose, engine, instance, local
from provisioning.engine import Engine, NoEngine
from provisioning.place import Place


def up(arguments: Sequence[str]) -> int:
    """Start the workshop: in containers where --docker asks for them."""
    options = local.up_options(arguments)
    if not options.docker:
        return local.up(options)
    found = engine.look()
    if isinstance(found, Engine):
        return compose.up(options, found)
    raise Problem(
        found.reason,
        expected="a Docker engine that answers to this user",
        do="install or start Docker, or: ./workshop up --no-docker",
    )


def status(arguments: Sequence[str]) -> int:
    """Say whether the workshop runs, and where. Exit code 0 where it runs, otherwise 1."""
    project = _in_containers()
    return compose.status(project) if project else local.status(arguments)


def down(arguments: Sequence[str]) -> int:
    """End it, whichever it is; the attendees' work stays."""
    project = _in_containers()
    if project is None:
        return local.down(arguments)
    ended = compose.down(project)
    return max(ended, local.down(arguments)) if instance.processes(Place.from_environment()) else ended


def _in_containers() -> compose.Project | None:
    """The workshop that runs in containers, or None."""
    if isinstance(engine.look(), NoEngine):
        return None
    project = compose.project_here()
    return project if project.is_running or project.labs() else None
