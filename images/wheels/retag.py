"""Give a wheel the tag of another Python ABI: right for a wheel whose libraries use no symbol of Python at all."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from foundation.problem import Problem

ABI = "cp313t"
PYTHON = "cp313"


def retag(wheel: Path, folder: Path) -> Path:
    """The copy of `wheel` in `folder` with the tag of 3.13t. Raises Problem if a library in it needs Python."""
    name, version, _, _, platforms = wheel.stem.split("-")
    with zipfile.ZipFile(wheel) as archive:
        files = {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}
        modes = {entry.filename: entry.external_attr for entry in archive.infolist()}
    require_no_python_symbols(wheel.name, files)
    info = f"{name}-{version}.dist-info"
    files[f"{info}/WHEEL"] = with_tags(files[f"{info}/WHEEL"].decode(), platforms.split(".")).encode()
    files[f"{info}/RECORD"] = record(files, f"{info}/RECORD").encode()
    target = folder / f"{name}-{version}-{PYTHON}-{ABI}-{platforms}.whl"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for filename, content in files.items():
            entry = zipfile.ZipInfo(filename)
            entry.external_attr = modes[filename]
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=1)
    return target


def with_tags(text: str, platforms: Iterable[str]) -> str:
    """A WHEEL file's text with the tags of 3.13t in place of its own."""
    kept = [line for line in text.splitlines() if line and not line.startswith("Tag:")]
    return "\n".join([*kept, *(f"Tag: {PYTHON}-{ABI}-{platform}" for platform in platforms), ""])


def record(files: Mapping[str, bytes], own: str) -> str:
    """The text of a RECORD that lists `files`; `own` is its name, which has no hash in it."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for filename, content in files.items():
        if filename != own:
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            rows.writerow((filename, f"sha256={digest}", len(content)))
    rows.writerow((own, "", ""))
    return text.getvalue()


def require_no_python_symbols(wheel: str, files: Mapping[str, bytes]) -> None:
    """Raise Problem if a shared library among `files` leaves a symbol of Python undefined, or none is there."""
    libraries = [name for name in files if name.endswith(".so") or ".so." in name]
    needed = {name: python_symbols(files[name]) for name in libraries}
    bound = [f"{name}: {', '.join(symbols[:3])}" for name, symbols in needed.items() if symbols]
    if bound or not libraries:
        raise Problem(
            f"{wheel} is bound to its own Python ABI: {'; '.join(bound) or 'no shared library found in it'}",
            expected="a library loaded with ctypes, without a symbol of Python",
            do="compile it: move it from `retagged` to `compiled` in images/versions.toml",
        )


def python_symbols(library: bytes) -> list[str]:
    """The symbols of Python's C API that `library` (an ELF file) wants from outside."""
    with tempfile.NamedTemporaryFile(suffix=".so") as file:
        file.write(library)
        file.flush()
        listed = subprocess.run(
            ["nm", "--dynamic", "--undefined-only", "--format=posix", file.name],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    symbols = [line.split()[0] for line in listed.splitlines() if line.strip()]
    return [symbol for symbol in symbols if symbol.startswith(("Py", "_Py"))]
