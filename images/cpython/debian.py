"""Where this machine's apt fetches Debian's archive from: its source packages are a mirror of CPython's releases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ETC_APT = Path("/etc/apt")
ONE_LINE = re.compile(r"^deb(?:-src)?\s+(?:\[[^]]*\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+\S")
ADDRESS = re.compile(r"^(https?|file)://|^mirror\+file:", re.IGNORECASE)


def archives(etc_apt: Path = ETC_APT) -> list[str]:
    """The addresses of the archives that apt uses, without a trailing slash, in apt's order, each once."""
    lists = [etc_apt / "sources.list", *sorted((etc_apt / "sources.list.d").glob("*"))]
    found: list[str] = []
    for file in lists:
        found += _of_file(file) if file.is_file() else []
    return list(dict.fromkeys(uri.rstrip("/") for uri in found))


def _of_file(file: Path) -> list[str]:
    """The addresses that one apt file names, in either of apt's two forms."""
    text = file.read_text(encoding="utf-8", errors="replace")
    if file.suffix == ".list":
        uris = [match["uri"] for line in text.splitlines() if (match := ONE_LINE.match(line.strip()))]
    elif file.suffix == ".sources":
        uris = [uri for stanza in _stanzas(text) if _is_used(stanza) for uri in stanza.get("uris", "").split()]
    else:
        return []
    return [address for uri in uris for address in _addresses(uri)]


def _stanzas(text: str) -> Iterator[dict[str, str]]:
    """The stanzas of a deb822 file: field names in lower case, continued lines joined, comments left out."""
    for block in re.split(r"\n\s*\n", text):
        fields: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            if line[:1].isspace():
                fields[name] = f"{fields.get(name, '')} {line.strip()}"
            elif ":" in line:
                name, _, value = line.partition(":")
                name = name.strip().lower()
                fields[name] = value.strip()
        yield fields


def _is_used(stanza: dict[str, str]) -> bool:
    """Whether apt uses the stanza: it names an archive and is not switched off."""
    is_archive = {"deb", "deb-src"} & set(stanza.get("types", "").split())
    return bool(is_archive) and stanza.get("enabled", "yes").lower() not in {"no", "false", "0"}


def _addresses(uri: str) -> list[str]:
    """What can be fetched from under `uri`: itself, or the lines of a mirror list on this machine (cloud images)."""
    if not ADDRESS.match(uri):
        return []
    if not uri.lower().startswith("mirror+file:"):
        return [uri]
    try:
        lines = Path(uri.partition(":")[2]).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    return [words[0] for line in lines if (words := line.split()) and ADDRESS.match(words[0])]
