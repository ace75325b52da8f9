"""A session as version 0.1 made it: container, network and volume under the names and labels of then.

tests/fixtures/session_0_1.json says what an engine showed of one. Here they are made by hand, by what is written there;
the hub of today adopts them, clears them away and ends them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from docker import APIClient
from docker.utils import kwargs_from_env

from tests.conftest import ROOT
from tests.docker.attendee import Attendee, at_work
from tests.docker.fake_gpus import SEEN_AT
from tests.docker.stack import REGISTRY, Stack, docker

FIXTURE = ROOT / "tests" / "fixtures" / "session_0_1.json"


@pytest.fixture
def engine_api(engine: None) -> Iterator[APIClient]:
    """The engine, as the hub itself calls it."""
    client = APIClient(**kwargs_from_env(), version="auto")
    yield client
    client.close()


@dataclass(frozen=True)
class OldSession:
    """What version 0.1 made of a session: the three bodies that it sent to the engine."""

    engine: APIClient
    container: dict[str, Any]
    network: dict[str, Any]
    volume: str

    @classmethod
    def of(cls, engine: APIClient, **meant: str) -> OldSession:
        """`meant`: the workshop, owner, image, gpu and lease."""
        text = FIXTURE.read_text()
        for name, value in meant.items():
            text = text.replace(f"@{name.upper()}@", value)
        return cls(engine, **json.loads(text))

    def make_network(self) -> None:
        """Make the network by hand."""
        made = self.network
        self.engine.create_network(
            made["Name"], made["Driver"], made["Options"], internal=made["Internal"], labels=made["Labels"]
        )

    def start(self, env: list[str], address: str | None = None) -> str:
        """Make container and volume by hand, and start; the container's id."""
        name = self.network["Name"]
        where = {"EndpointsConfig": {name: {"IPAMConfig": {"IPv4Address": address}}}} if address else None
        body = {name: value for name, value in self.container.items() if name != "Name"}
        asked = self.engine.create_container_from_config(
            {**body, "Env": env, "NetworkingConfig": where}, self.container["Name"]
        )
        self.engine.start(asked["Id"])
        return str(asked["Id"])


def inspected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(docker("inspect", name))[0]
    return found


def there_is(kind: str, name: str) -> bool:
    """Whether the engine has a container, network or volume of exactly this name."""
    listing = {"container": ("ps", "--all"), "network": ("network", "ls"), "volume": ("volume", "ls")}[kind]
    shown = "{{.Names}}" if kind == "container" else "{{.Name}}"
    return name in docker(*listing, "--format", shown).split()


def own(labels: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in labels.items() if name.startswith("gilfree.")}


@pytest.fixture
def ada(stack: Stack) -> Iterator[Attendee]:
    """An attendee whose session runs on a GPU."""
    attendee = at_work(stack, "ada")
    yield attendee
    attendee.leave()


def test_a_session_has_the_names_and_labels_of_version_0_1(stack: Stack, ada: Attendee, engine_api: APIClient) -> None:
    now = inspected(stack.session("ada"))
    labels = own(now["Config"]["Labels"])
    gpu = labels["gilfree.slot"].partition("/")[0]
    meant = {"workshop": stack.name, "owner": "ada", "gpu": gpu, "lease": labels["gilfree.lease"]}
    then = OldSession.of(engine_api, image=now["Config"]["Image"], **meant)
    assert now["Name"] == f"/{then.container['Name']}"
    assert labels == then.container["Labels"]
    assert now["Config"]["Cmd"] == then.container["Cmd"]
    host = {name: now["HostConfig"][name] for name in then.container["HostConfig"]}
    assert host["DeviceRequests"][0]["DeviceIDs"] == then.container["HostConfig"]["DeviceRequests"][0]["DeviceIDs"]
    assert {**host, "DeviceRequests": None} == {**then.container["HostConfig"], "DeviceRequests": None}
    network = json.loads(docker("network", "inspect", then.network["Name"]))[0]
    assert {name: network[name] for name in then.network} == then.network
    assert [mount["Name"] for mount in now["Mounts"] if mount["Type"] == "volume"] == [then.volume]


def test_a_session_of_version_0_1_is_adopted_and_ended(stack: Stack, ada: Attendee, engine_api: APIClient) -> None:
    """As on a host that is updated while people work: the hub goes, the session stays, a new hub comes."""
    before = inspected(stack.session("ada"))
    meant = {"gpu": stack.in_session("ada", "cat", SEEN_AT).stdout.strip(), "image": before["Config"]["Image"]}
    lease = before["Config"]["Labels"]["gilfree.lease"]
    (end,) = before["NetworkSettings"]["Networks"].values()
    old = OldSession.of(engine_api, workshop=stack.name, owner="ada", lease=lease, **meant)
    docker("pause", stack.container("hub"))  # it must not look while there is no container
    docker("rm", "--force", stack.session("ada"))
    made = old.start(before["Config"]["Env"], end["IPAddress"])
    docker("unpause", stack.container("hub"))
    ada.wait_for(lambda: ada.answers("/user/ada/api"), "the session to answer")
    stack.renew("hub")

    ada.wait_for(lambda: ada.answers("/user/ada/api"), "the session to be reachable again")
    assert ada.is_ready()
    assert inspected(old.container["Name"])["Id"] == made
    visitor = Attendee(stack.url, "visitor", stack.password())
    assert visitor.log_in()
    assert "1 of 2 GPU slots are free." in visitor.page("/hub/spawn").text
    ada.stop()
    ada.wait_for(lambda: not there_is("network", old.network["Name"]), "the network to be removed")
    assert not there_is("container", old.container["Name"])
    assert there_is("volume", old.volume)


def test_what_an_older_hub_left_over_is_replaced_and_the_home_is_kept(stack: Stack, engine_api: APIClient) -> None:
    """A hub that lost its database knows of no session; the container of then holds a GPU all the same."""
    meant = {"image": f"{REGISTRY}gilfree/lab:3.13t-cpu", "gpu": stack.gpus[0], "lease": "of-then-1"}
    old = OldSession.of(engine_api, workshop=stack.name, owner="dora", **meant)
    old.container.update(Cmd=["sleep", "600"])  # without a hub JupyterLab would end by itself
    old.make_network()
    left = old.start(["JUPYTERHUB_USER=dora"])
    assert docker("exec", left, "sh", "-c", "echo mine > ~/kept && cat ~/kept") == "mine\n"
    dora = at_work(stack, "dora")
    try:
        assert inspected(old.container["Name"])["Id"] != left
        assert stack.in_session("dora", "cat", "/home/attendee/kept").stdout == "mine\n"
    finally:
        dora.leave()
    assert not there_is("container", old.container["Name"])


def test_down_ends_what_is_left_of_a_workshop_of_version_0_1(stack: Stack, engine_api: APIClient) -> None:
    other = Stack.new(stack.state)
    meant = {"image": "debian:trixie-slim", "gpu": stack.gpus[0], "lease": "of-then-1"}
    old = OldSession.of(engine_api, workshop=other.name, owner="ada", **meant)
    old.container.update(Cmd=["sleep", "600"])
    old.make_network()
    old.start([])
    try:
        done = other.workshop("down")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "1 sessions ended" in done.stdout
        assert not there_is("container", old.container["Name"])
        assert not there_is("network", old.network["Name"])
        assert there_is("volume", old.volume)
    finally:
        other.remove()
