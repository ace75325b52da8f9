"""Finished folders shared by every clone of one user: each under a hash of everything that went into it.

A folder that has its final name is finished: it is filled under another name and renamed at the end. What an
interrupted run leaves behind is removed by the next one.
"""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from foundation.lock import Taken, locked, locked_at_once
from foundation.problem import Problem
from foundation.steps import disk_full

PARTIAL = ".gilfree-partial"
Fill = Callable[[Path, Path], Path]  # (work folder, final place) -> the finished folder, inside the work folder
Say = Callable[[str], None]


def cache_root() -> Path:
    """$XDG_CACHE_HOME/gilfree, by default ~/.cache/gilfree; made if it does not exist."""
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(chosen) if Path(chosen).is_absolute() else Path.home() / ".cache"
    root = base / "gilfree"
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(
            f"the cache folder {root} cannot be made: {error.strerror}",
            expected="a folder that you may write",
            do="set XDG_CACHE_HOME to one",
        ) from error
    return root


def content_key(ingredients: Mapping[str, str], sources: Iterable[Path] = ()) -> str:
    """A short hash of `ingredients`, of the text of `sources` (the recipe), and of the platform."""
    parts = [f"{name}={value}" for name, value in sorted({**ingredients, "platform": platform_name()}.items())]
    parts += [f"{source.name}:{source.read_text(encoding='utf-8')}" for source in sorted(sources)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def platform_name() -> str:
    """Machine, distribution and C library: what a compiled folder cannot be carried across."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    distribution = f"{release.get('ID', 'linux')}-{release.get('VERSION_ID', '')}"
    return f"{platform.machine()} {distribution} {'-'.join(platform.libc_ver())}"


def kept(name: str, root: Path) -> Path | None:
    """The finished folder `name`, or None. Its time of change is when it was asked for last: see images/pruning.py."""
    folder = root / name
    if not folder.is_dir():
        return None
    with suppress(OSError):  # a cache that is read only
        os.utime(folder)
    return folder


def keep(name: str, fill: Fill, *, root: Path, needs_mb: int, say: Say) -> Path:
    """The finished folder `name`: as it is, or filled now by `fill`.

    Guarantees: of several that ask at once one fills and the others wait, and say so; a folder that is there is whole.
    The commands that `fill` runs as a step hold the lock too: see foundation/lock.py.
    """
    if found := kept(name, root):
        return found
    final = root / name
    waiting = partial(say, "another run is making it: waiting")
    with locked(lock_of(name, root), waiting=waiting, inheritable=True):
        if final.is_dir():
            return final
        remove_leftovers(root)
        work = root / f"{name}{PARTIAL}"
        shutil.rmtree(work, ignore_errors=True)
        try:
            with space(root, needs_mb):
                work.mkdir()
                fill(work, final).rename(final)
                os.utime(final)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return final


def lock_of(name: str, root: Path) -> Path:
    """The lock file of the folder `name`."""
    return root / f".{name}.lock"


def discard(name: str, root: Path) -> None:
    """Remove the folder `name`: it proved not to work any more."""
    with locked(lock_of(name, root)):
        doomed = root / f"{name}{PARTIAL}"
        shutil.rmtree(doomed, ignore_errors=True)
        with suppress(FileNotFoundError):
            (root / name).rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)


def remove_leftovers(root: Path) -> None:
    """Remove what interrupted runs left: partial folders that nobody is filling."""
    for work in root.glob(f"*{PARTIAL}"):
        with suppress(Taken), locked_at_once(lock_of(work.name.removesuffix(PARTIAL), root)):
            shutil.rmtree(work, ignore_errors=True)


@contextmanager
def space(folder: Path, needs_mb: int) -> Iterator[None]:
    """Raise Problem if the disk of `folder` has less than `needs_mb` free, now, or runs full within the block."""
    if shutil.disk_usage(folder).free < needs_mb * 2**20:
        raise disk_full(folder, needs_mb)
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise disk_full(folder, needs_mb) from error
        raise
