"""What Debian and Ubuntu call the packages that bring what a machine may lack: the only table of them.

This module is also run by a Python 3.10, to find the package that has a newer one.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterable, Mapping

RELEASES = ("debian 12", "debian 13", "ubuntu 22.04", "ubuntu 24.04")  # the newest of a family is its last

# What is missing, by the name of its command or header, and its package: in all four releases the same.
IN_ALL = {
    "gcc": "build-essential",
    "g++": "build-essential",
    "make": "build-essential",
    "stdio.h": "build-essential",
    "openssl/ssl.h": "libssl-dev",
    "ffi.h": "libffi-dev",
    "sqlite3.h": "libsqlite3-dev",
    "readline/readline.h": "libreadline-dev",
    "curses.h": "libncurses-dev",
    "lzma.h": "liblzma-dev",
    "bzlib.h": "libbz2-dev",
    "zlib.h": "zlib1g-dev",
    "uuid/uuid.h": "uuid-dev",
    "CA certificates": "ca-certificates",
    "git": "git",
    "iptables": "iptables",
    "runc": "runc",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "openssl": "openssl",
}
# An ordinary Python that is new enough, its `venv`, and a browser: not the same in all.
BY_RELEASE = {
    "python": dict.fromkeys(RELEASES, "python3") | {"ubuntu 22.04": "python3.11"},
    "venv": dict.fromkeys(RELEASES, "python3-venv") | {"ubuntu 22.04": "python3.11-venv"},
    "chromium": dict.fromkeys(RELEASES[:2], "chromium") | dict.fromkeys(RELEASES[2:], "chromium-browser"),
}


def release(said: Mapping[str, str] | None = None) -> str:
    """The release of RELEASES whose names hold here; "" if this is no Debian, no Ubuntu, and none of their kind.

    said: what /etc/os-release says. Other releases of a family are taken for its newest.
    """
    if said is None:
        try:
            said = platform.freedesktop_os_release()
        except OSError:
            return ""
    kinds = [said.get("ID", ""), *said.get("ID_LIKE", "").split()]
    for family in ("ubuntu", "debian"):
        if family in kinds:
            known = [name for name in RELEASES if name.startswith(family)]
            own = f"{family} {said.get('VERSION_ID', '')}"
            return own if own in known else known[-1]
    return ""


def package(thing: str, of: str | None = None) -> str:
    """The package that brings `thing` in the release `of`, by default this system's; Debian's name on other systems."""
    if thing in IN_ALL:
        return IN_ALL[thing]
    return BY_RELEASE[thing][(release() if of is None else of) or "debian 13"]


def venv_package(version: tuple[int, int]) -> str:
    """The package that completes the system's own Python `version`, which comes without the module ensurepip."""
    return f"python{version[0]}.{version[1]}-venv"


def install_line(names: Iterable[str], system: str | None = None, *, sudo: bool = True) -> str:
    """The line to type that installs the packages `names` on `system`, by default the release that this is.

    sudo: whether it may help whoever reads the line.
    """
    packages = " ".join(dict.fromkeys(names))
    if not (release() if system is None else system):
        return f"install what Debian calls {packages}"
    install = f"apt-get install --yes --no-install-recommends {packages}"
    if os.geteuid() == 0:
        return f"apt-get update && {install}"
    if sudo and shutil.which("sudo"):
        return f"sudo apt-get update && sudo {install}"
    return f"as root: apt-get update && {install}"
