"""Hosts from bare to workshop hosts: one, two side by side, and the same again. And a plan on a fresh clone."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from foundation.problem import Problem
from tests.bench.figures import Figure, stopwatch
from tests.conftest import LAB_PYTHON, ROOT
from tests.docker.engine import running_engine
from tests.docker.stack import REGISTRY
from tests.hosts.play import Play, Played, committed_copy
from tests.hosts.rig import Rig, rig

LAB = f"{REGISTRY}gilfree/lab:{LAB_PYTHON}-cpu"
VARIABLES = {
    "workshop_name": "bench",
    "workshop_lab_python": LAB_PYTHON,
    "workshop_lab_target": "cpu",
    "workshop_image_registry": REGISTRY,
    "workshop_min_disk_gb": 5,
}


def plan() -> Iterator[Figure]:
    """`provision plan` of the example inventory, whose hosts answer nowhere, on a clone that has nothing yet."""
    with tempfile.TemporaryDirectory() as scratch:
        clone = Path(scratch) / "clone"
        subprocess.run(["git", "clone", "-q", ROOT, clone], check=True)
        command = ["./workshop", "provision", "plan", "-i", "provisioning/ansible/hosts.example.yml"]
        for name in ("first, which installs Ansible", "second"):
            with stopwatch() as watch:
                subprocess.run(command, cwd=clone, check=False, capture_output=True)
            yield Figure(f"plan on a fresh clone, the {name}", watch.seconds, "s", at_most=60)


def provision() -> Iterator[Figure]:
    """The play on container hosts that need images, engine and all."""
    with tempfile.TemporaryDirectory() as scratch, running_engine(), rig(Path(scratch)) as room:
        _require_images()
        folder = Path(scratch)
        site = folder / "clone"
        site.mkdir()
        committed_copy(site)
        alone = _play(room, site, folder / "one", "one")
        pair = _play(room, site, folder / "two", "left", "right")
        one = _good(alone.run())
        yield Figure("one bare host, from ssh to a hub that answers", one.took_s, "s")
        two = _good(pair.run())
        yield Figure("two side by side, beside the time of one", two.took_s / one.took_s, "x", at_most=1.3)
        again = _good(pair.run())
        yield Figure("the second run, beside the first", again.took_s / two.took_s, "x", at_most=1 / 3)


def _play(room: Rig, site: Path, folder: Path, *names: str) -> Play:
    folder.mkdir()
    return Play(site, folder, {name: room.host("trixie", gpus=1) for name in names}, VARIABLES)


def _good(played: Played) -> Played:
    if played.code:
        raise Problem(f"the play failed:\n{played.end}", expected="workshop hosts", do="./workshop test tests/hosts")
    return played


def _require_images() -> None:
    found = subprocess.run(["docker", "image", "inspect", LAB], capture_output=True, check=False)
    if found.returncode:
        raise Problem(
            f"{LAB} is not there", expected="the tests' images", do="./workshop test tests/docker/test_images.py"
        )
