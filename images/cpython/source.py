"""CPython's source: from python.org, a mirror of one's own, or the source archive of this machine's Debian mirror.

Whatever it comes from, the SHA-256 of the row decides.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from foundation.lock import locked
from foundation.problem import Problem
from images.cache import space
from images.download import PROBE_S, NotHere, Say, ask, download, sha256_of
from images.versions import Row, versions

MIRROR_VARIABLE = "WORKSHOP_MIRROR"
NEEDS_MB = 60


@dataclass(frozen=True, slots=True)
class Source:
    """A place that may have releases: its `name` for people, its address, and a release's."""

    name: str
    base: str
    url: Callable[[Row], str]


@dataclass(frozen=True, slots=True)
class Tarball:
    """A release's source on this machine, and where it came from."""

    row: Row
    file: Path
    origin: str


def sources(archives: Iterable[str]) -> list[Source]:
    """The places to ask, in order; `archives` are those that apt uses."""
    upstream = versions().upstream
    found = [Source("python.org", upstream, lambda row: f"{upstream}/{row.version}/Python-{row.version}.tar.xz")]
    if mirror := os.environ.get(MIRROR_VARIABLE):
        found.append(mirror_source(mirror))
    return found + [debian_source(archive) for archive in archives]


def mirror_source(mirror: str) -> Source:
    """A folder or an address that holds Python-<version>.tar.xz."""
    base = mirror.rstrip("/") if "://" in mirror else Path(mirror).expanduser().absolute().as_uri()
    return Source(f"{MIRROR_VARIABLE} ({mirror})", base, lambda row: f"{base}/Python-{row.version}.tar.xz")


def debian_source(archive: str) -> Source:
    """The source packages of one of apt's archives."""

    def url(row: Row) -> str:
        package = f"python{row.minor}"
        return f"{archive}/pool/main/{package[0]}/{package}/{package}_{row.version}.orig.tar.xz"

    return Source(f"source archive of apt's {archive}", archive, url)


def obtain_source(
    rows: Sequence[Row], places: Sequence[Source], folder: Path, say: Say, tell: Say, *, limit_s: float = PROBE_S
) -> Tarball:
    """The source of the first of `rows` that one of `places` has, kept in `folder`. Raises Problem if none has it.

    limit_s: how long a place may take to answer at all. say: shows what is being done. tell: leaves a line about
    what was skipped.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for row in rows:
        file = folder / f"Python-{row.version}.tar.xz"
        if file.exists() and sha256_of(file) == row.sha256:
            return Tarball(row, file, "downloaded before")
    say("asking which sources answer")
    answering, reasons = split_by_answer(places, limit_s)
    for reason in reasons:
        tell(f"skipped: {reason}")
    for row in rows:
        for source in answering:
            if reason := _fetch_from(source, row, folder, say):
                reasons.append(f"{source.name}: {row.version}: {reason}")
                tell(f"skipped: {reasons[-1]}")
            else:
                return Tarball(row, folder / f"Python-{row.version}.tar.xz", source.name)
    raise _nothing_found(rows, reasons)


def _fetch_from(source: Source, row: Row, folder: Path, say: Say) -> str:
    """Fetch `row` from `source`; the reason why not, or ""."""
    target = folder / f"Python-{row.version}.tar.xz"
    with locked(folder / f"{target.name}.lock", waiting=lambda: say("another run is downloading: waiting")):
        if target.exists() and sha256_of(target) == row.sha256:
            return ""
        try:
            with space(folder, NEEDS_MB):
                download(source.url(row), target, row.sha256, lambda text: say(f"{source.name}: {row.version}: {text}"))
        except NotHere as reason:
            return str(reason)
    return ""


def split_by_answer(places: Sequence[Source], limit_s: float) -> tuple[list[Source], list[str]]:
    """The places that answer at all, in order, and one line on each that does not."""
    answers = list(zip(places, ask([f"{place.base}/" for place in places], limit_s), strict=True))
    return (
        [place for place, answer in answers if answer.came],
        [f"{place.name}: {answer.reason}" for place, answer in answers if not answer.came],
    )


def _nothing_found(rows: Sequence[Row], reasons: Sequence[str]) -> Problem:
    """What to tell if no source has any of the rows."""
    names = " or ".join(f"Python-{row.version}.tar.xz" for row in rows)
    return Problem(
        "the source of free-threaded CPython could not be had:\n" + "\n".join(reasons),
        expected="one source that answers and has the right file",
        do=f"put {names} into a folder and set {MIRROR_VARIABLE} to it (or to an http address),\n"
        f"or set WORKSHOP_PYTHON to a free-threaded Python {rows[0].minor}",
    )
