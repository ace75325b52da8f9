"""debian:SUITE-slim: pulled if a registry answers, otherwise made from this machine's own Debian mirror.

A made one carries the machine's own CA certificates, so that builds reach what the machine reaches.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from foundation.problem import Problem
from foundation.steps import Step, Steps
from images.cache import cache_root, keep

TRIXIE = "trixie"
OWN_CERTIFICATES = Path("/usr/local/share/ca-certificates")
PULL_LIMIT_S = 60
NEEDS_MB = 600
NOT_IN_SLIM = (
    "usr/share/doc",
    "usr/share/man",
    "usr/share/info",
    "usr/share/locale",
    "var/cache/apt",
    "var/lib/apt/lists",
)


def ensure(steps: Steps, mirrors: Sequence[str], suite: str = TRIXIE) -> str:
    """Make the engine have the image, and name it; the first of `mirrors` makes it if it cannot be pulled."""
    image = f"debian:{suite}-slim"
    with steps.step(image) as step:
        if _docker("image", "inspect", image):
            step.already()
        elif not _docker("pull", image):
            if not mirrors:
                raise Problem(f"{image} cannot be pulled, and apt names no Debian mirror to make it from")
            _make(mirrors[0], suite, image, step)
    return image


def _docker(*arguments: str) -> bool:
    try:
        done = subprocess.run(["docker", *arguments], capture_output=True, timeout=PULL_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _make(mirror: str, suite: str, image: str, step: Step) -> None:
    """Bootstrap Debian into an archive that is kept, and import that."""

    def fill(work: Path, _: Path) -> Path:
        return _bootstrap(mirror, suite, work, step)

    kept = keep(f"{suite}-slim", fill, root=cache_root(), needs_mb=NEEDS_MB, say=step.say)
    step.say("importing")
    step.run(["docker", "import", "--change", 'CMD ["bash"]', kept / "root.tar", image])


def _bootstrap(mirror: str, suite: str, work: Path, step: Step) -> Path:
    """A folder in `work` with root.tar."""
    step.say("debootstrap")
    root = work / "root"
    script = shutil.which("debootstrap")
    if script is None:
        raise Problem("debootstrap is missing", expected="the one that came with the engine")
    parts = Path(script).resolve().parents[1] / "share" / "debootstrap"
    command = ["env", f"DEBOOTSTRAP_DIR={parts}", script, "--variant=minbase", "--include=ca-certificates"]
    step.run([*command, suite, root, mirror])
    (root / "etc/apt/sources.list").write_text(
        f"deb {mirror} {suite} main\ndeb {mirror} {suite}-updates main\n", encoding="utf-8"
    )
    for certificate in OWN_CERTIFICATES.glob("*.crt"):
        shutil.copy(certificate, root / "usr/local/share/ca-certificates")
    step.run(["chroot", root, "update-ca-certificates"])
    for folder in NOT_IN_SLIM:
        shutil.rmtree(root / folder, ignore_errors=True)
        (root / folder).mkdir(parents=True)
    finished = work / "finished"
    finished.mkdir()
    step.run(["tar", "--create", "--numeric-owner", "--directory", root, "--file", finished / "root.tar", "."])
    return finished
