"""A Docker engine, the images built on it, and a stack of them: what all tests in this folder share."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.problem import Problem
from provisioning.here.build_settings import write_build_settings
from provisioning.here.place import Place
from tests.docker.engine import running_engine
from tests.docker.fake_gpus import fake_gpus
from tests.docker.stack import REGISTRY, Stack

HERE = Path(__file__).parent
BUILD_LIMIT_S = 2400


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whichever test comes first waits for the images."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(BUILD_LIMIT_S + 600))


@pytest.fixture(scope="session", autouse=True)
def engine() -> Iterator[None]:
    """One that answers to `docker`; started, and stopped again, where there was none."""
    try:
        with running_engine():
            yield
    except Problem as problem:
        may_install = os.geteuid() == 0
        outcome = pytest.fail if os.environ.get("CI") and may_install else pytest.skip
        outcome(f"a Docker engine is not here: {problem.found}: {problem.do}")


@pytest.fixture(scope="session")
def images(engine: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The images of compose.yaml with the CPU's labs; CPython without PGO, which takes minutes and not an hour."""
    place = Place(tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("home"))
    settings = {"WORKSHOP_BUILD_SETTINGS": str(write_build_settings(place)), "REGISTRY": REGISTRY}
    environment = {**os.environ, "LAB_TARGET": "cpu", "PGO": "", **settings}
    command = ["docker", "compose", "--progress", "plain", "build"]
    done = subprocess.run(
        command, cwd=place.clone, env=environment, capture_output=True, text=True, timeout=BUILD_LIMIT_S, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]


@pytest.fixture(scope="session")
def stack(images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack with two GPUs, under a name and on a port of its own; in the end gone, with its volumes.

    All tests share it: each ends the sessions that it began, and undoes what it changed.
    """
    with fake_gpus(2, tmp_path_factory.mktemp("gpus")) as gpus:
        made = Stack.new(tmp_path_factory.mktemp("stack"), gpus)
        try:
            made.up()
            yield made
        finally:
            made.remove()


@pytest.fixture(scope="session")
def clone() -> Path:
    """The clone."""
    return Place.from_environment().clone
