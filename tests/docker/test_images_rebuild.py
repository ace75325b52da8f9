"""What a change costs: which steps of the lab image's build run again, and which the build cache answers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from provisioning.here.build_settings import write_build_settings
from provisioning.here.place import Place
from tests.conftest import LAB_PYTHON
from tests.docker.conftest import BUILD_LIMIT_S
from tests.docker.stack import docker

pytestmark = pytest.mark.timeout(2700)

REGISTRY = "rebuilt.invalid/"  # in front of the images' names, so that nobody else's are replaced
IMAGE = f"{REGISTRY}gilfree/lab:{LAB_PYTHON}-cpu"
STEP = re.compile(r"^#(?P<number>\d+) \[lab (?P<stage>\S+) +\d+/\d+\] (?P<command>(?!FROM ).+)$")  # FROM runs nothing
CACHED = re.compile(r"^#(?P<number>\d+) CACHED$")
IN_IMAGES = (
    "foundation",
    "checks",
    "hub",
    "images",
    "labs",
    "provisioning",
    "workshop",
    "compose.yaml",
    ".dockerignore",
)


@dataclass(frozen=True)
class Rebuilt:
    """The steps that ran again, as "stage: command", and how many the cache answered."""

    ran: list[str]
    cached: int

    def ran_in(self, stage: str) -> list[str]:
        """The commands that ran again in a stage."""
        return [step.partition(": ")[2] for step in self.ran if step.startswith(f"{stage}: ")]


@dataclass(frozen=True)
class Copy:
    """A copy of what goes into images, to change and to build."""

    folder: Path
    build_settings: Path

    def append(self, name: str, text: str) -> None:
        """Add a line to a file of it, one that no build has seen."""
        with (self.folder / name).open("a") as file:
            file.write(f"{text} {uuid4()}\n")

    def rebuild(self) -> Rebuilt:
        """Build the lab image of it."""
        settings = {"LAB_TARGET": "cpu", "PGO": "", "REGISTRY": REGISTRY}
        settings["WORKSHOP_BUILD_SETTINGS"] = str(self.build_settings)
        done = subprocess.run(
            ["docker", "compose", "--progress", "plain", "build", "lab"],
            cwd=self.folder, env={**os.environ, **settings},
            capture_output=True, text=True, timeout=BUILD_LIMIT_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
        lines = (done.stdout + done.stderr).splitlines()
        steps = {found["number"]: f"{found['stage']}: {found['command']}" for found in map(STEP.match, lines) if found}
        cached = {found["number"] for found in map(CACHED.match, lines) if found} & set(steps)
        return Rebuilt([step for number, step in steps.items() if number not in cached], len(cached))


@pytest.fixture
def copy(images: None, clone: Path, tmp_path: Path) -> Iterator[Copy]:
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in IN_IMAGES:
        source = clone / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    place = Place(tmp_path / "state", tmp_path / "home")
    place.make()
    yield Copy(folder, write_build_settings(place))
    docker("image", "rm", "--force", IMAGE)


def test_without_a_change_the_cache_answers_everything(copy: Copy) -> None:
    again = copy.rebuild()
    assert again.ran == []
    assert again.cached > 20


def test_a_change_of_a_lab_builds_the_last_layers_only(copy: Copy) -> None:
    copy.append("labs/lab07_unique_ids/hints.md", "\nOne more hint.")
    again = copy.rebuild()
    assert {step.partition(":")[0] for step in again.ran} == {"extensions", "cpu"}
    assert again.ran_in("extensions")[0] == "COPY labs labs"
    assert again.ran_in("cpu")[0] == "COPY labs /opt/workshop/labs"


def test_a_change_of_the_recipes_surroundings_compiles_no_cpython(copy: Copy) -> None:
    copy.append("foundation/steps.py", "\n#")
    copy.append("images/versions.toml", "\n#")
    copy.append("images/locks/uv.txt", "\n#")
    again = copy.rebuild()
    assert again.ran_in("source")  # it is asked again which source there is: the same
    assert again.ran_in("environment")
    assert again.ran_in("cpython") == []
