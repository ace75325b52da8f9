"""What a build needs from this machine: compilers, make, headers. All that is missing is named at once."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from foundation.problem import Problem


@dataclass(frozen=True, slots=True)
class Need:
    """A command or a header, and the package that brings it on Debian and on Fedora."""

    name: str
    apt: str
    dnf: str


COMMANDS = (
    Need("gcc", "build-essential", "gcc"),
    Need("g++", "build-essential", "gcc-c++"),
    Need("make", "build-essential", "make"),
)
LIBC = Need("stdio.h", "build-essential", "glibc-devel")
HEADERS = (
    Need("openssl/ssl.h", "libssl-dev", "openssl-devel"),
    Need("ffi.h", "libffi-dev", "libffi-devel"),
    Need("sqlite3.h", "libsqlite3-dev", "sqlite-devel"),
    Need("readline/readline.h", "libreadline-dev", "readline-devel"),
    Need("curses.h", "libncurses-dev", "ncurses-devel"),
    Need("lzma.h", "liblzma-dev", "xz-devel"),
    Need("bzlib.h", "libbz2-dev", "bzip2-devel"),
    Need("zlib.h", "zlib1g-dev", "zlib-devel"),
    Need("uuid/uuid.h", "uuid-dev", "libuuid-devel"),
)


def require_toolchain(purpose: str, headers: Sequence[Need] = (), *, otherwise: str = "") -> None:
    """Raise Problem that names everything missing for `purpose`, how to install it, and what to do `otherwise`."""
    missing = [need for need in COMMANDS if not shutil.which(need.name)]
    blind = not has_header("stdio.h")
    missing += [need for need in headers if blind or not has_header(need.name)]
    if blind:
        missing.append(LIBC)
    if not missing:
        return
    names = ", ".join(need.name for need in missing)
    note = " (without a compiler no header can be looked for: all are named)" if blind and headers else ""
    raise Problem(
        f"{purpose} cannot be compiled here; not found: {names}{note}",
        expected="a C and C++ compiler, make" + (", the headers of the libraries that Python uses" if headers else ""),
        do="\n".join(filter(None, (install_line(missing), otherwise))),
    )


def has_header(header: str) -> bool:
    """Whether the compiler finds `header`, wherever this distribution keeps it."""
    if not shutil.which("gcc"):
        return False
    program = f"#include <stdio.h>\n#include <{header}>\n"
    done = subprocess.run(
        ["gcc", "-E", "-x", "c", "-", "-o", os.devnull], input=program, text=True, capture_output=True, check=False
    )
    return done.returncode == 0


def install_line(missing: Sequence[Need]) -> str:
    """The line to type on this distribution, or the packages to look for on another."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    family = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    sudo = "" if os.geteuid() == 0 else "sudo "
    apt = " ".join(dict.fromkeys(need.apt for need in missing))
    if family & {"debian", "ubuntu"}:
        return f"{sudo}apt-get update && {sudo}apt-get install --yes {apt}"
    if family & {"fedora", "rhel"}:
        return f"{sudo}dnf install {' '.join(dict.fromkeys(need.dnf for need in missing))}"
    return f"install what Debian calls {apt}"
