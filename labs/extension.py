"""C extension modules that a lab shows: compiled once for each interpreter, kept, found again.

A lab delivers the C source, never a binary. Whoever needs the module says where the source is, and gets the folder to
import it from: a package of a lab puts it on its own path,

    __path__.append(str(extension.built(Path(__file__).with_name("_fast.c")).parent))

which works the same wherever the package lies: in an attendee's folder, in a temporary one of `verify`, in an image. An
edited source is another module, with another key.

Looked for, in this order, each as KEY/NAME.SUFFIX, where the key is a hash of the source, the interpreter's ABI and
the C library:

1. $WORKSHOP_EXTENSIONS: made beforehand by `python -m labs.extension FOLDER`. An image without a compiler has that.
2. $XDG_CACHE_HOME/gilfree/extensions (by default in ~/.cache): compiled on first use, with the interpreter's own
   compiler or `cc`, and its headers.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from foundation.packages import install_line, package
from foundation.problem import Problem

_LIMIT_S = 60


def built(source: Path) -> Path:
    """The shared library made of `source` for the running interpreter; it can be imported from its folder.

    Raises Problem if it has to be compiled and there is no compiler, no Python.h, or an error in `source`.
    Guarantees: of several that ask at once each gets a whole library.
    """
    name = f"{_key(source)}/{source.stem}{sysconfig.get_config_var('EXT_SUFFIX')}"
    folders = [Path(folder) for folder in (os.environ.get("WORKSHOP_EXTENSIONS"), _cache()) if folder]
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    return _compile(source, _cache() / name)


def build_all(folder: Path) -> list[Path]:
    """Put the library of each C source of the labs into `folder`, for WORKSHOP_EXTENSIONS to name."""
    sources = sorted(Path(__file__).parent.rglob("*.c"))
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    return [_compile(source, folder / _key(source) / f"{source.stem}{suffix}") for source in sources]


def _key(source: Path) -> str:
    abi = f"{sysconfig.get_config_var('EXT_SUFFIX')} {sys.version} {'-'.join(platform.libc_ver())}"
    return hashlib.sha256(source.read_bytes() + b"\0" + abi.encode()).hexdigest()[:16]


def _cache() -> Path:
    chosen = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (chosen if chosen.is_absolute() else Path.home() / ".cache") / "gilfree" / "extensions"


def _compile(source: Path, target: Path) -> Path:
    """Compile `source` under another name, and rename it when it is whole."""
    compiler = _compiler()
    headers = sysconfig.get_path("include")
    if compiler is None or not (Path(headers) / "Python.h").is_file():
        missing = f"{headers}/Python.h" if compiler else "C compiler"
        raise Problem(
            f"{source.name} cannot be compiled: there is no {missing} here",
            expected="a C compiler and Python's headers, or modules made beforehand in $WORKSHOP_EXTENSIONS",
            do="" if compiler else install_line([package("gcc")]),
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=target.parent) as scratch:
        made = Path(scratch) / target.name
        command = [*compiler, "-O2", "-shared", "-fPIC", f"-I{headers}", str(source), "-o", str(made), "-lm"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LIMIT_S)
        if ran.returncode != 0:
            errors = [
                line for line in ran.stderr.splitlines() if ": error:" in line or "fatal error:" in line
            ] or ran.stderr.splitlines()[-1:]
            raise Problem("\n".join([f"{source.name} does not compile", *errors]), expected="C that compiles")
        made.replace(target)
    return target


def _compiler() -> list[str] | None:
    for command in (sysconfig.get_config_var("CC") or "", "cc"):
        words = shlex.split(command)
        if words and shutil.which(words[0]):
            return words
    return None


if __name__ == "__main__":
    for library in build_all(Path(sys.argv[1])):
        print(library)
