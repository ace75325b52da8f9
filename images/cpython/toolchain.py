"""What a build needs from this machine: compilers, make, headers. All that is missing is named at once."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

from foundation.packages import install_line, package
from foundation.problem import Problem

COMMANDS = ("gcc", "g++", "make")
LIBC = "stdio.h"
HEADERS = (
    "openssl/ssl.h",
    "ffi.h",
    "sqlite3.h",
    "readline/readline.h",
    "curses.h",
    "lzma.h",
    "bzlib.h",
    "zlib.h",
    "uuid/uuid.h",
)


def missing(headers: Sequence[str] = ()) -> list[str]:
    """The commands and `headers` that are not here. Without a compiler no header can be looked for: all are named."""
    blind = not has_header(LIBC)
    found = [command for command in COMMANDS if not shutil.which(command)]
    found += [header for header in headers if blind or not has_header(header)]
    return [*found, LIBC] if blind else found


def require_toolchain(purpose: str, headers: Sequence[str] = (), *, otherwise: str = "") -> None:
    """Raise Problem that names everything missing for `purpose`, how to install it, and what to do `otherwise`."""
    names = missing(headers)
    if not names:
        return
    note = " (without a compiler no header can be looked for: all are named)" if LIBC in names and headers else ""
    raise Problem(
        f"{purpose} cannot be compiled here; not found: {', '.join(names)}{note}",
        expected="a C and C++ compiler, make" + (", the headers of the libraries that Python uses" if headers else ""),
        do="\n".join(filter(None, (install_line(map(package, names)), otherwise))),
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
