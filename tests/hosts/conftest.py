"""Two hosts side by side, one bare and one with an engine of its own, and the play on them as an organiser runs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import LAB_PYTHON
from tests.docker.conftest import engine, images
from tests.docker.stack import REGISTRY
from tests.hosts.play import Play, Played, committed_copy
from tests.hosts.rig import Host, Rig, rig

__all__ = ["engine", "images"]

OLD_LIST = "/etc/apt/sources.list.d/nvidia-docker.list"
OWN_SETTINGS = """
{"labels": ["owner=somebody"], "features": {"buildkit": true}, "insecure-registries": ["172.16.0.0/12"]}
"""
COMMON = {
    "workshop_name": "rig",
    "workshop_lab_python": LAB_PYTHON,
    "workshop_lab_target": "cpu",
    "workshop_min_disk_gb": 5,  # two hosts share this machine's disk
    "workshop_image_registry": REGISTRY,  # where the tests' images are on this machine
    "workshop_gpu_slots": "1",  # with the CPU image, an empty value would be none
    "workshop_expires": "2037-05-14T18:00:00+02:00",
}


@pytest.fixture(scope="session")
def hosts_rig(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Where hosts are made; none is left."""
    with rig(tmp_path_factory.mktemp("rig")) as made:
        yield made


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone in which all of the working tree is committed, and nobody works."""
    return committed_copy(tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="session")
def bare(hosts_rig: Rig) -> Host:
    """Debian 13, without an engine, with two GPUs."""
    return hosts_rig.host("trixie", gpus=2)


@pytest.fixture(scope="session")
def settled(hosts_rig: Rig) -> Host:
    """Debian 12 with an engine, settings of its own, an old package list of NVIDIA, and one GPU."""
    host = hosts_rig.host("bookworm", engine=True, gpus=1)
    host.put("/etc/docker/daemon.json", OWN_SETTINGS)
    host.put(OLD_LIST, "deb https://nvidia.github.io/nvidia-docker/debian9/$(ARCH) /")
    host.said("systemctl restart docker")
    return host


@pytest.fixture(scope="session")
def play(images: None, site: Path, bare: Host, settled: Host, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """The play, on both."""
    return Play(site, tmp_path_factory.mktemp("organiser"), {"bare": bare, "settled": settled}, COMMON)


@pytest.fixture(scope="session")
def tried(play: Play) -> Played:
    """A run in check mode, before anything else has run."""
    return play.run("--check")


@pytest.fixture(scope="session")
def applied(tried: Played, play: Play) -> Played:
    """The first real run, by our command, which ends with the checks."""
    return play.provision("apply")


@pytest.fixture(scope="session")
def again(applied: Played, play: Play) -> Played:
    """The second one, by ansible-playbook."""
    return play.run()
