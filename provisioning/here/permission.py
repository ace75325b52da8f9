"""Who may install packages on this machine: root at once, sudo after a question that shows them; otherwise why not.

This module is also run by a Python 3.10, to install the package that has a newer one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from foundation.packages import release

HARMLESS = ("apt-get", "--version")  # what sudo is tried with


class NotAllowed(Exception):  # noqa: N818 - an outcome that the caller goes on from
    """Nothing may be installed; the text says why. sudo: whether that may help after all."""

    def __init__(self, reason: str, *, sudo: bool = True) -> None:
        super().__init__(reason)
        self.sudo = sudo


def permission(packages: Sequence[str], *, yes: bool) -> tuple[str, ...]:
    """The words to put before `apt-get`: none for root, those of sudo for somebody who may. Raises NotAllowed.

    yes: do not ask. Without a terminal nobody is asked, neither by this nor by sudo.
    """
    if not release() or not shutil.which("apt-get"):
        raise NotAllowed("this is no Debian and no Ubuntu")
    if os.geteuid() == 0:
        return ()
    if not shutil.which("sudo"):
        raise NotAllowed("you are not root, and there is no sudo")
    at_terminal = sys.stdin.isatty() and sys.stderr.isatty()
    if not yes and not at_terminal:
        raise NotAllowed("there is no terminal to ask you on; with --yes nobody is asked")
    if not yes and not _agreed(packages):
        raise NotAllowed("you did not say yes")
    if _works("sudo", "-n") or (at_terminal and _works("sudo")):
        return ("sudo", "-n")
    raise NotAllowed("sudo does not let you", sudo=False)


def _agreed(packages: Sequence[str]) -> bool:
    """Whether the person at the keyboard says yes."""
    print(f"To install with sudo: {' '.join(packages)}", file=sys.stderr)
    print("Install them now? [Y/n] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    return answer.strip().lower() in ("y", "yes", "") and answer.endswith("\n")  # Ctrl-D is a no


def _works(*sudo: str) -> bool:
    """Whether sudo runs a harmless command; without -n it may ask for a password."""
    quiet = subprocess.DEVNULL if "-n" in sudo else None
    return subprocess.call([*sudo, *HARMLESS], stdout=subprocess.DEVNULL, stderr=quiet) == 0
