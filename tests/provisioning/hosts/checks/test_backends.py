"""A host that is this machine, one that is not there, and the network from here; tests/hosts has the other ways."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioning.hosts.checks.backends import Network, TestinfraHost
from provisioning.hosts.checks.host import Door, Host, Unreachable
from provisioning.hosts.checks.system import df
from tests.conftest import need
from tests.provisioning.hosts.checks import contract


@pytest.mark.parametrize("sentence", contract.EVERY, ids=lambda each: each.__name__)
def test_this_machine(sentence: Callable[[Host], None], tmp_path: Path) -> None:
    need(os.geteuid() == 0, "root", "run the tests as root, or see tests/hosts")
    sentence(TestinfraHost("local://", tmp_path))


def test_the_disk_is_looked_at_where_docker_is_a_client_without_an_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need(os.geteuid() == 0, "root", "run the tests as root, or see tests/hosts")
    client = tmp_path / "docker"
    client.write_text("#!/bin/sh\necho; echo Cannot connect to the Docker daemon >&2; exit 1\n")
    client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    folder, (free,) = df(TestinfraHost("local://", tmp_path), "avail")
    assert folder == "/"
    assert free > 0


def test_a_port_of_this_machine_needs_no_tunnel(tmp_path: Path) -> None:
    with TestinfraHost("local://", tmp_path).tunnel(8000) as port:
        assert port == 8000


@pytest.mark.parametrize("spec", ["ssh://root@127.0.0.1:1", "ansible://lost?ansible_inventory={inventory}"])
def test_a_host_that_is_not_there_says_what_ssh_said(
    spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    inventory = tmp_path / "hosts.yml"
    inventory.write_text("all: {hosts: {lost: {ansible_host: 127.0.0.1, ansible_port: 1}}}\n")
    lost = TestinfraHost(spec.format(inventory=inventory), tmp_path)
    with pytest.raises(Unreachable, match="Connection refused"):
        lost.run("true")
    with pytest.raises(Unreachable, match="Connection refused"), lost.tunnel(8000):
        pass


def test_an_inventory_that_cannot_be_read_is_no_way_to_a_host(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text("all: [not, a, group]\n")
    with pytest.raises(Unreachable, match="ansible-inventory cannot read"):
        TestinfraHost(f"ansible://x?ansible_inventory={tmp_path}/hosts.yml", tmp_path).run("true")


def test_a_knock_tells_open_from_refused_from_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as there, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        network = Network(limit_s=0.5)
        assert network.knock("127.0.0.1", there.getsockname()[1]) is Door.OPEN
        assert network.knock("127.0.0.1", nobody.getsockname()[1]) is Door.REFUSED
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:  # one that takes no more connections drops what comes
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        assert network.knock("127.0.0.1", full.getsockname()[1]) is Door.SILENT
        for each in waiting:
            each.close()


def test_the_clock_is_this_machines() -> None:
    assert Network().now() > 1_700_000_000
