"""A Docker engine, the images built on it, and a stack of them: what all tests in this folder share."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.problem import Problem
from provisioning.build_settings import write_build_settings
from provisioning.place import Place
from tests.conftest import need
from tests.docker.engine import running_engine
from tests.docker.stack import Stack

BUILD_LIMIT_S = 2400


@pytest.fixture(scope="session", autouse=True)
def engine() -> Iterator[None]:
    """One that answers to `docker`; started, and stopped again, where there was none."""
    try:
        with running_engine():
            yield
    except Problem as problem:
        need(False, f"a Docker engine ({problem.found})", problem.do)


@pytest.fixture(scope="session")
def images(engine: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The images of compose.yaml with the CPU's labs; CPython without PGO, which takes minutes and not an hour."""
    place = Place(tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("home"))
    machine = write_build_settings(place)
    environment = {**os.environ, "LAB_TARGET": "cpu", "PGO": "", "WORKSHOP_MACHINE": str(machine)}
    command = ["docker", "compose", "--progress", "plain", "build"]
    done = subprocess.run(
        command, cwd=place.clone, env=environment, capture_output=True, text=True, timeout=BUILD_LIMIT_S, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]


@pytest.fixture(scope="module")
def stack(images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack under a name and on a port of its own; gone, with its volumes, when the module's tests end."""
    made = Stack.new(tmp_path_factory.mktemp("stack"))
    try:
        made.up()
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="session")
def clone() -> Path:
    """The clone."""
    return Place.from_environment().clone
