"""What a Python that is too old for the workshop does: it installs the package that has a newer one, or names it.

Ubuntu 22.04 is why: its python3 is 3.10, and it has a python3.11. So this runs on Python 3.10, and all that it imports.
The old Python cannot look at what else is missing: what a fresh machine lacks is installed with it, or named with it.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from foundation.packages import BY_RELEASE, IN_ALL, install_line, package
from images.cpython.toolchain import COMMANDS, HEADERS
from provisioning.here.permission import NotAllowed, permission

INSTALLS = {"up": ("python", "venv", *COMMANDS, *HEADERS), "test": (*BY_RELEASE, *IN_ALL)}


def install(arguments: Sequence[str]) -> str:
    """Install what the command in `arguments` needs, a newer Python too, if that may be; otherwise what to do."""
    command = arguments[0] if arguments else ""
    packages = list(dict.fromkeys(package(thing) for thing in INSTALLS.get(command, ("python", "venv"))))
    if command not in INSTALLS:
        return install_line(packages)
    try:
        sudo = permission(packages, yes="--yes" in arguments)
    except NotAllowed as refusal:
        return f"{install_line(packages, sudo=refusal.sudo)}\n          (not installed: {refusal})"
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    subprocess.call([*apt, "update"])
    install_all = [*apt, "install", "--yes", "--no-install-recommends", *packages]
    return install_line(packages) if subprocess.call(install_all) else ""
