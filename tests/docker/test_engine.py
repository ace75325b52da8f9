"""What the slot desk asks of an engine, asked of real Docker: labels, states, and away with a container."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from docker import APIClient
from docker.utils import kwargs_from_env
from requests.exceptions import ConnectionError as NoAnswer

from hub.engine import DockerEngine
from hub.gpus import Gpus
from hub.slots import Session, Slot
from tests.docker.engine import OF_TESTS, clear_away
from tests.docker.stack import docker


@pytest.fixture
def workshop(engine: None) -> Iterator[str]:
    name = f"engine-test-{uuid.uuid4().hex[:6]}"
    yield name
    left = docker("ps", "-aq", "--filter", f"label=gilfree.workshop={name}").split()
    if left:
        docker("rm", "--force", *left)


@pytest.fixture
def real(workshop: str) -> Iterator[DockerEngine]:
    client = APIClient(**kwargs_from_env(), version="auto")
    yield DockerEngine(client, workshop, Gpus("none"))
    client.close()


def container(workshop: str, owner: str, *labels: str, start: bool = True) -> str:
    words = [
        word
        for label in (f"gilfree.owner={owner}", f"gilfree.workshop={workshop}", *labels)
        for word in ("--label", label)
    ]
    made = docker("create", *words, "debian:trixie-slim", "sleep", "600").strip()
    if start:
        docker("start", made)
    return made


def seen(real: DockerEngine, *containers: str) -> dict[str, Session]:
    return {session.container: session for session in real.sessions() if session.container in containers}


def test_containers_are_read_by_their_labels_in_every_state(real: DockerEngine, workshop: str) -> None:
    slot = ("gilfree.slot=GPU-1/0/2", "gilfree.lease=e-7")
    made = container(workshop, "ada", *slot, start=False)
    paused = container(workshop, "bob", *slot)
    ended = container(workshop, "cleo")
    docker("pause", paused)
    docker("kill", ended)
    found = seen(real, made, paused, ended)
    assert found[made] == Session(made, "ada", "created", "e-7", Slot("GPU-1", 0, 2))
    assert found[paused].state == "paused"
    assert (found[ended].state, found[ended].slot) == ("exited", None)
    docker("unpause", paused)


def test_another_workshops_containers_are_seen_and_are_not_ours(real: DockerEngine, workshop: str) -> None:
    other = container("another", "ada", "gilfree.slot=GPU-1/0/1")
    try:
        (found,) = seen(real, other).values()
        assert not found.is_ours
        assert found.slot == Slot("GPU-1")
    finally:
        docker("rm", "--force", other)


def test_a_container_is_removed_even_while_it_runs_and_removing_it_again_is_fine(
    real: DockerEngine, workshop: str
) -> None:
    made = container(workshop, "ada")
    real.remove(made)
    real.remove(made)
    assert seen(real, made) == {}


def test_an_engine_that_is_not_there_is_an_error_and_not_an_empty_list(workshop: str) -> None:
    client = APIClient(base_url="tcp://127.0.0.1:9", version="1.44")  # nobody listens there
    with pytest.raises(NoAnswer, match="refused"):
        DockerEngine(client, workshop, Gpus("none")).sessions()
    client.close()


def test_what_a_killed_run_of_tests_has_left_is_cleared_away_and_nothing_else(workshop: str) -> None:
    left = f"gilfree-{uuid.uuid4().hex[:6]}-"
    for name in (f"{left}home", f"{workshop}-home"):
        docker("volume", "create", name)
    docker("network", "create", f"{left}front")
    words = ("--network", f"{left}front", "--volume", f"{left}home:/home", "debian:trixie-slim", "sleep", "600")
    docker("run", "--detach", "--name", f"{left}hub-1", *words)
    try:
        assert re.match(OF_TESTS, left)
        clear_away(left)
        kinds = (["ps", "--all", "--format", "{{.Names}}"], *([kind, "ls"] for kind in ("network", "volume")))
        for kind in kinds:
            assert left not in docker(*kind)
        assert f"{workshop}-home" in docker("volume", "ls")
    finally:
        docker("volume", "rm", f"{workshop}-home")
