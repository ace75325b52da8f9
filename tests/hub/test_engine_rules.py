"""What the hub may ask of the engine, and the ways from there to the host, each one shut."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from hub.engine_rules import RefusedError, Rules

RULES = Rules("class", "gilfree/lab:3.13t-cpu")
CREATE = "/v1.45/containers/create?name=class-lab-ada"
SESSION: dict[str, Any] = {
    "Image": "gilfree/lab:3.13t-cpu",
    "Labels": {"gilfree.workshop": "class", "gilfree.owner": "ada"},
    "Env": ["A=b"],
    "HostConfig": {
        "Binds": ["class-home-ada:/home/attendee:rw"],
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"],
        "NetworkMode": "class-lab-ada",
        "DeviceRequests": [{"Driver": "cdi", "DeviceIDs": ["nvidia.com/gpu=GPU-1"]}],
    },
}
NETWORK: dict[str, Any] = {
    "Name": "class-lab-ada",
    "Driver": "bridge",
    "Internal": True,
    "Options": {"com.docker.network.bridge.inhibit_ipv4": "true"},
}


def changed(path: str, value: object, original: dict[str, Any] = SESSION) -> dict[str, Any]:
    body = copy.deepcopy(original)
    *parents, last = path.split(".")
    part = body
    for parent in parents:
        part = part[parent]
    part[last] = value
    return body


@pytest.mark.parametrize(
    "target",
    [
        "/version",
        "/_ping",
        "/v1.45/info",
        "/v1.45/containers/json?all=1",
        "/v1.45/containers/abc/json",
        "/v1.45/containers/abc/logs?tail=20",
        "/v1.45/images/gilfree/lab:3.13t-cpu/json",
        "/v1.45/networks/x",
    ],
)
def test_the_hub_may_look(target: str) -> None:
    assert RULES.container_to_look_up("GET", target, None) is None


def test_the_hub_may_make_a_session_and_its_network() -> None:
    RULES.container_to_look_up("POST", CREATE, SESSION)
    RULES.container_to_look_up("POST", "/v1.45/networks/create", NETWORK)
    RULES.container_to_look_up("POST", "/v1.45/networks/class-lab-ada/connect", {"Container": "hub"})
    RULES.container_to_look_up("DELETE", "/v1.45/networks/class-lab-ada", None)
    RULES.container_to_look_up("DELETE", "/v1.45/volumes/class-home-rehearsal-2d001", None)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/v1.45/containers/abc/start"),
        ("POST", "/containers/abc/stop?t=1"),
        ("DELETE", "/containers/abc?force=1"),
    ],
)
def test_what_is_done_to_a_container_is_done_to_a_session(method: str, target: str) -> None:
    assert RULES.container_to_look_up(method, target, None) == "abc"
    RULES.must_be_a_session({"Name": "/class-lab-ada", "Config": {"Labels": {"gilfree.workshop": "class"}}})
    for other in (
        {"Name": "/class-hub-1", "Config": {"Labels": {"com.docker.compose.project": "class"}}},
        {"Name": "/class-lab-ada", "Config": {"Labels": {"gilfree.workshop": "other"}}},
        {"Name": "/class-lab-1", "Config": {"Labels": None}},
        {},
    ):
        with pytest.raises(RefusedError, match="no session"):
            RULES.must_be_a_session(other)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/v1.45/containers/abc/exec"),
        ("POST", "/v1.45/exec/abc/start"),
        ("GET", "/v1.45/containers/abc/archive?path=/etc"),
        ("PUT", "/v1.45/containers/abc/archive?path=/"),
        ("POST", "/v1.45/containers/abc/update"),
        ("POST", "/v1.45/containers/abc/attach"),
        ("POST", "/v1.45/images/create?fromImage=x"),
        ("POST", "/v1.45/build"),
        ("GET", "/v1.45/secrets"),
        ("GET", "/v1.45/volumes"),
        ("DELETE", "/v1.45/volumes/class-home-ada"),
        ("DELETE", "/v1.45/volumes/other-home-rehearsal-001"),
        ("DELETE", "/v1.45/volumes/class-home-rehearsal-001%2F..%2Fclass-home-ada"),
        ("DELETE", "/v1.45/networks/class_front"),
        ("POST", "/v1.45/networks/class_front/connect"),
        ("POST", "/v1.45/swarm/init"),
        ("POST", "/v1.45/plugins/pull"),
        ("GET", "/v1.45/containers/abc%2Fexport"),
    ],
)
def test_everything_else_is_refused(method: str, target: str) -> None:
    with pytest.raises(RefusedError):
        RULES.container_to_look_up(method, target, None)


@pytest.mark.parametrize(
    "body",
    [
        changed("HostConfig.Privileged", True),
        changed("HostConfig.privileged", True),
        changed("HostConfig.CapAdd", ["SYS_ADMIN"]),
        changed("HostConfig.CapDrop", []),
        changed("HostConfig.capdrop", []),
        changed("HostConfig.SecurityOpt", ["no-new-privileges", "seccomp=unconfined"]),
        changed("HostConfig.Binds", ["/:/host"]),
        changed("HostConfig.Binds", ["class-home-ada:/home/attendee", "/etc:/etc"]),
        changed("HostConfig.Binds", ["other_hub:/srv"]),
        changed("HostConfig.Mounts", [{"Type": "bind", "Source": "/", "Target": "/host"}]),
        changed("HostConfig.NetworkMode", "host"),
        changed("HostConfig.NetworkMode", "container:class-hub-1"),
        changed("HostConfig.PidMode", "host"),
        changed("HostConfig.IpcMode", "host"),
        changed("HostConfig.UsernsMode", "host"),
        changed("HostConfig.Devices", [{"PathOnHost": "/dev/sda"}]),
        changed("HostConfig.DeviceRequests", [{"Driver": "cdi", "DeviceIDs": ["vendor.com/disk=0"]}]),
        changed("HostConfig.DeviceRequests", [{"Driver": "nvidia", "Count": -1, "Capabilities": [["gpu"]]}]),
        changed("HostConfig.VolumesFrom", ["class-hub-1"]),
        changed("HostConfig.Runtime", "other"),
        changed("HostConfig.CgroupParent", "/"),
        changed("HostConfig.PortBindings", {"8888/tcp": [{}]}),
        changed("Image", "debian:trixie-slim"),
        changed("image", "debian:trixie-slim"),
        changed("hostconfig", {"Privileged": True}),
        changed("User", "root"),
        changed("Entrypoint", ["sh"]),
        changed("NetworkingConfig", {"EndpointsConfig": {"class_front": {}}}),
        changed("Labels", {}),
        changed("HostConfig", None),
        [],
        None,
    ],
)
def test_a_container_that_is_no_session_is_refused(body: object) -> None:
    with pytest.raises(RefusedError):
        RULES.container_to_look_up("POST", CREATE, body)


@pytest.mark.parametrize("target", ["/containers/create", "/containers/create?name=class-hub-1"])
def test_a_session_has_a_sessions_name(target: str) -> None:
    with pytest.raises(RefusedError, match="no session's"):
        RULES.container_to_look_up("POST", target, SESSION)


@pytest.mark.parametrize(
    ("field", "value"),
    [("Internal", False), ("Driver", "macvlan"), ("Options", {"parent": "eth0"}), ("Name", "mine"), ("Ingress", True)],
)
def test_a_network_that_leads_somewhere_is_refused(field: str, value: object) -> None:
    with pytest.raises(RefusedError):
        RULES.container_to_look_up("POST", "/networks/create", changed(field, value, NETWORK))
