"""The checks of a host, on one host by every way to it: docker, ssh and ansible. The functions are the same."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from checks.suite import Failed, Found
from provisioning.hosts.checks.backends import Network, TestinfraHost
from provisioning.hosts.checks.gpu import cdi, driver
from provisioning.hosts.checks.host import Expected, Host, Subject, Unreachable
from provisioning.hosts.checks.ports import ports_closed, ports_open
from tests.hosts import rig
from tests.provisioning.hosts.checks import contract

ONE_LINE_SERVER = """
cat >/run/greet.py <<'END'
import socket
server = socket.create_server(("127.0.0.1", 8000))
while True:
    peer, _ = server.accept()
    peer.sendall(b"hello from inside")
    peer.close()
END
systemd-run --quiet --unit=greet python3 /run/greet.py"""


@pytest.fixture(scope="module")
def made(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[rig.Host]:
    with rig.rig(tmp_path_factory.mktemp("rig")) as room:
        host = room.host("bookworm", gpus=2)
        host.said("nvidia-ctk cdi generate >/run/nvidia.yaml; install -D /run/nvidia.yaml /etc/cdi/nvidia.yaml")
        host.said(ONE_LINE_SERVER)
        yield host


@pytest.fixture(scope="module", params=["docker", "ssh", "ansible"])
def way(request: pytest.FixtureRequest, made: rig.Host, tmp_path_factory: pytest.TempPathFactory) -> TestinfraHost:
    """One host, by one way."""
    sockets = tmp_path_factory.mktemp("s")
    inventory = sockets / "hosts.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": {made.name: made.variables}}}))
    config = sockets / "config"
    config.write_text(f"Host *\n  UserKnownHostsFile {sockets}/known_hosts\n  StrictHostKeyChecking accept-new\n")
    specs = {
        "docker": f"docker://{made.name}",
        "ssh": f"ssh://{rig.USER}@{made.address}?ssh_identity_file={made.key}&ssh_config={config}",
        "ansible": f"ansible://{made.name}?ansible_inventory={inventory}",
    }
    return TestinfraHost(specs[request.param], sockets)


@pytest.fixture(autouse=True)
def ansible_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.setenv("ANSIBLE_CONFIG", str(Path("provisioning/ansible/ansible.cfg").absolute()))


@pytest.mark.parametrize("sentence", contract.EVERY, ids=lambda each: each.__name__)
def test_every_way_to_a_host_does_the_same(sentence: Callable[[Host], None], way: TestinfraHost) -> None:
    sentence(way)


def subject(way: TestinfraHost, made: rig.Host, **more: object) -> Subject:
    return Subject(
        Expected.from_json(
            {"name": made.name, "connection": way.spec, "address": made.address, "lab_image": "", **more}
        ),
        way,
        Network(),
    )


def test_the_gpus_checks_are_the_same_by_every_way(way: TestinfraHost, made: rig.Host) -> None:
    found = driver.run(subject(way, made))
    assert isinstance(found, Found)
    assert found.text == f"{rig.DRIVER} on 2 x NVIDIA Fake"
    named = cdi.run(subject(way, made))
    assert isinstance(named, Found)
    assert sorted(named.details["devices"]) == sorted(made.gpus)


def test_a_specification_of_another_driver_is_found_by_every_way(way: TestinfraHost, made: rig.Host) -> None:
    made.said(f"sed -i s/{rig.DRIVER}/535.1.1/ /etc/cdi/nvidia.yaml")
    try:
        with pytest.raises(Failed, match="mounts 535"):
            cdi.run(subject(way, made))
    finally:
        made.said(f"sed -i s/535.1.1/{rig.DRIVER}/ /etc/cdi/nvidia.yaml")


def test_ports_are_what_the_network_says(way: TestinfraHost, made: rig.Host) -> None:
    assert ports_open.run(subject(way, made)) == f"22 at {made.address}"
    assert str(ports_closed.run(subject(way, made))).endswith("ports asked, none answers")
    with pytest.raises(Failed, match="8000 is refused"):
        ports_open.run(subject(way, made, open_ports=[22, 8000]))
    made.said("systemd-run --quiet --unit=forgotten python3 -m http.server 9090")
    try:
        rig.wait_for(lambda: ":9090" in made.said("ss -Hltn"), "a server", made)
        with pytest.raises(Failed, match="answers at 9090"):
            ports_closed.run(subject(way, made))
    finally:
        made.said("systemctl stop forgotten")


def test_a_tunnel_leads_to_what_only_the_host_reaches(way: TestinfraHost, made: rig.Host) -> None:
    if way.spec.startswith("docker:"):
        with pytest.raises(Unreachable, match="ssh makes them"), way.tunnel(8000):
            pass
        return
    with way.tunnel(8000) as port, socket.create_connection(("127.0.0.1", port)) as inside:
        assert inside.recv(100) == b"hello from inside"


def test_a_wrong_key_says_so(made: rig.Host, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("no key")
    (tmp_path / "key").chmod(0o600)
    config = tmp_path / "config"
    config.write_text(f"Host *\n  UserKnownHostsFile {tmp_path}/known_hosts\n  StrictHostKeyChecking accept-new\n")
    spec = f"ssh://{rig.USER}@{made.address}?ssh_identity_file={tmp_path}/key&ssh_config={config}"
    with pytest.raises(Unreachable, match="Permission denied"):
        TestinfraHost(spec, tmp_path).run("true")
