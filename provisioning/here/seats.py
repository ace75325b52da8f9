"""`./workshop seats`: passwords and codes, made and printed by the hub that runs."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from provisioning.here.compose import running_project


def seats(arguments: Sequence[str]) -> int:
    """Pass `arguments` on to the hub's own command; its exit code. Raises Problem if no hub runs."""
    project = running_project()
    words = project.command("exec", "-T", "hub", "python", "-m", "hub.seats", *arguments)
    return subprocess.run(words, env=project.environment, check=False).returncode
