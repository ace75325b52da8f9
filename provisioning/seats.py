"""`./workshop seats`: passwords and codes, made and printed by the hub that runs."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from checks.problem import Problem
from provisioning.compose import project_here


def seats(arguments: Sequence[str]) -> int:
    """Pass `arguments` on to the hub's own command; its exit code. Raises Problem where no hub runs."""
    project = project_here()
    if not project.is_running:
        raise Problem("the workshop does not run in containers", expected="a hub that makes codes", do="./workshop up")
    words = project.command("exec", "-T", "hub", "python", "-m", "hub.seats", *arguments)
    return subprocess.run(words, env=project.environment, check=False).returncode
