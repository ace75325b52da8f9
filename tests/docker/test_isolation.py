"""What a session that means harm can reach: its hub; neither another session, nor the host, nor Docker."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.docker.attendee import Attendee
from tests.docker.stack import Stack, docker

KNOCK = """
import socket, sys
for place in sys.argv[1:]:
    host, _, port = place.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=3).close()
    except OSError:
        print(f"{place} closed")
    else:
        print(f"{place} open")
"""


@pytest.fixture(scope="module")
def sessions(stack: Stack) -> Iterator[Stack]:
    """Two sessions side by side: ada's, who means harm, and bob's."""
    attendees = [Attendee(stack.url, name, stack.password()) for name in ("ada", "bob")]
    for attendee in attendees:
        assert attendee.log_in()
        attendee.start()
    for attendee in attendees:
        attendee.wait_until_ready()
    yield stack
    for attendee in attendees:
        attendee.leave()


def addresses(container: str) -> list[str]:
    networks = json.loads(docker("inspect", "--format", "{{json .NetworkSettings.Networks}}", container))
    return [network["IPAddress"] for network in networks.values() if network["IPAddress"]]


def knock(stack: Stack, *places: str) -> dict[str, str]:
    """Which of `places` (host:port) ada's session can connect to."""
    done = stack.in_session("ada", "python", "-c", KNOCK, *places)
    return dict(line.split() for line in done.stdout.splitlines())


def test_a_session_reaches_its_hub(sessions: Stack) -> None:
    assert knock(sessions, "hub:8081") == {"hub:8081": "open"}


def test_a_session_reaches_no_other_session(sessions: Stack) -> None:
    (bob,) = addresses(sessions.session("bob"))
    assert knock(sessions, f"{bob}:8888") == {f"{bob}:8888": "closed"}


def test_a_session_reaches_neither_the_metadata_address_nor_the_world_nor_the_host(sessions: Stack) -> None:
    host = json.loads(docker("network", "inspect", f"{sessions.name}_front"))[0]["IPAM"]["Config"][0]["Gateway"]
    (own,) = addresses(sessions.session("ada"))
    network, _, last = own.rpartition(".")
    gateway = f"{network}.{int(last) // 8 * 8 + 1}"
    places = [f"{place}:{port}" for place in ("169.254.169.254", "192.0.2.1", host, gateway) for port in (22, 80, 2375)]
    assert set(knock(sessions, *places).values()) == {"closed"}


def test_a_session_reaches_of_the_proxy_what_browsers_reach_and_not_its_control(sessions: Stack) -> None:
    proxy = addresses(sessions.container("proxy"))
    assert len(proxy) >= 3  # the front network, and each session's
    places = [f"{host}:8001" for host in ("proxy", "proxy-control", *proxy)]
    assert knock(sessions, "proxy:8000", *places) == {"proxy:8000": "open", **dict.fromkeys(places, "closed")}
    assert sessions.in_session("ada", "ls", "/srv/proxy", "/run/engine").returncode != 0


def test_a_session_has_no_way_to_docker_and_no_power(sessions: Stack) -> None:
    assert sessions.in_session("ada", "test", "-e", "/var/run/docker.sock").returncode == 1
    status = sessions.in_session("ada", "cat", "/proc/self/status").stdout
    assert "CapEff:\t0000000000000000" in status
    assert "CapBnd:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status


def test_a_session_is_capped(sessions: Stack) -> None:
    host = json.loads(docker("inspect", "--format", "{{json .HostConfig}}", sessions.session("ada")))
    assert host["Memory"] == host["MemorySwap"] > 0
    assert host["PidsLimit"] > 0
    assert host["CpuQuota"] > 0
    assert host["Privileged"] is False
    assert not host["PortBindings"]
    assert host["Binds"] == [f"{sessions.name}-home-ada:/home/attendee:rw"]


def test_the_hub_itself_can_start_nothing_that_reaches_the_host(sessions: Stack) -> None:
    attack = """
import docker, os
engine = docker.APIClient(base_url=os.environ["DOCKER_HOST"], version="auto")
workshop, image = os.environ["WORKSHOP_NAME"], os.environ["LAB_IMAGE"]
host = engine.create_host_config(binds=["/:/host"], privileged=True)
tries = [
    lambda: engine.create_container(image, name=workshop + "-lab-x", host_config=host),
    lambda: engine.exec_create(workshop + "-proxy-1", "id"),
    lambda: engine.stop(workshop + "-proxy-1"),
    lambda: engine.remove_volume(workshop + "-home-ada"),
]
for attempt in tries:
    try:
        attempt()
        print("done")
    except docker.errors.APIError as error:
        print(error.status_code)
"""
    assert sessions.compose("exec", "-T", "hub", "python", "-c", attack).split() == ["403"] * 4
