"""How image builds reach package indexes from this machine: a folder that they mount, see images/build_settings.

Nothing in it ends up in an image, so an index address with a password in it is safe there.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from foundation import files
from provisioning.here.place import Place, clean_environment
from provisioning.here.venv import settings_for_uv

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
FOR_PIP = {
    "UV_DEFAULT_INDEX": "PIP_INDEX_URL",
    "UV_INDEX": "PIP_EXTRA_INDEX_URL",
    "UV_INSECURE_HOST": "PIP_TRUSTED_HOST",
    "UV_HTTP_TIMEOUT": "PIP_DEFAULT_TIMEOUT",
    "ALL_PROXY": "PIP_PROXY",
}
MIRROR = "WORKSHOP_MIRROR"
SEEN_AT = "/build_settings"
NAME, OLD_NAME = "build-settings", "machine"  # what older versions left may hold a password


def write_build_settings(place: Place) -> Path:
    """The folder, made anew: pip's settings for pip and uv, certificates, CPython's source if a mirror has it."""
    folder = place.state / NAME
    for left in (folder, place.state / OLD_NAME):
        shutil.rmtree(left, ignore_errors=True)
    folder.mkdir(mode=0o700)
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    settings = for_a_build(settings_for_uv(listed.stdout, {}))
    if CERTIFICATES.is_file():
        shutil.copy(CERTIFICATES, folder / "ca-certificates.crt")
    settings |= _mirror(folder)
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in sorted(settings.items())]
    files.write(folder / "environment", "".join(lines))
    return folder


def for_a_build(settings: Mapping[str, str]) -> dict[str, str]:
    """Of uv's settings those that mean something in a container, where this machine's folders are not, and pip's."""
    for_uv = {}
    for name, value in settings.items():
        words = [word for word in value.split() if not word.startswith(("/", "file:"))]
        if name in FOR_PIP and words:
            for_uv[name] = " ".join(words)
    if "UV_INDEX" in for_uv:
        for_uv["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {**for_uv, **{FOR_PIP[name]: value for name, value in for_uv.items() if name in FOR_PIP}}


def _mirror(folder: Path) -> dict[str, str]:
    """WORKSHOP_MIRROR as a build sees it: an address as it is, a folder's sources as copies in `folder`."""
    mirror = os.environ.get(MIRROR, "")
    if "://" in mirror:
        return {MIRROR: mirror}
    sources = sorted(Path(mirror).expanduser().glob("Python-*.tar.xz")) if mirror else []
    for source in sources:
        shutil.copy(source, folder)
    return {MIRROR: SEEN_AT} if sources else {}
