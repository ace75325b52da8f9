"""Fixtures: providers that cost nothing: libcloud's dummy, and a local EC2 that is spoken to by real HTTP."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from images.cache import cache_root, keep
from images.locks import lock_file
from provisioning.here.place import Place
from provisioning.here.ports import free_ports
from provisioning.here.venv import adopt_pip_settings
from provisioning.hosts import cloud_file
from provisioning.hosts.cloud_file import Cloud
from provisioning.hosts.providers import cloud as by_libcloud
from provisioning.hosts.providers.cloud import LibcloudProvider
from tests.provisioning.hosts.providers.labelled_dummy import LabelledDummy

START_LIMIT_S = 60
SECRET = "never-to-be-seen-secret"
WriteCloud = Callable[..., Path]


@pytest.fixture(scope="session")
def moto() -> Path:
    """A folder with the local EC2's packages, in no environment: they do not go together with JupyterHub's."""
    lock = lock_file("local-ec2")

    def fill(work: Path, final: Path) -> Path:
        adopt_pip_settings(Place.from_environment())
        uv = Path(sys.executable).with_name("uv")
        words = ["pip", "install", "--require-hashes", "--quiet", "--python", sys.executable]
        subprocess.run([uv, *words, "--target", work / "site", "--requirement", lock], check=True)
        return work / "site"

    key = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:16]
    return keep(f"local-ec2-{key}", fill, root=cache_root(), needs_mb=400, say=print)


@pytest.fixture(scope="session")
def ec2_port(moto: Path) -> Iterator[int]:
    [port] = free_ports(20000 + os.getpid() % 20000, 1)
    server = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("local_ec2.py"), str(port)],
        env={"PATH": os.defpath, "PYTHONPATH": str(moto), "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + START_LIMIT_S
        while not answers(port):
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/", timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture
def ec2(ec2_port: int) -> dict[str, Any]:
    """What a cloud file says to use the local EC2, which has forgotten all that was rented before."""
    request = urllib.request.Request(f"http://127.0.0.1:{ec2_port}/moto-api/reset", method="POST")
    with urllib.request.urlopen(request, timeout=20):
        pass
    return {
        "driver": "ec2",
        "options": {"region": "eu-central-1", "host": "127.0.0.1", "port": ec2_port, "secure": False},
        "size": "g4dn.xlarge",
        "image": "ami-12c6146b",
    }


@pytest.fixture
def write_cloud(tmp_path: Path) -> WriteCloud:
    """Writes a cloud file, of what it is given."""
    credentials = tmp_path / "credentials"
    credentials.write_text(yaml.safe_dump({"key": "AKIATEST", "secret": SECRET}))
    credentials.chmod(0o600)

    def write(**settings: Any) -> Path:
        usual = {
            "workshop_name": "pycon",
            "workshop_expires": "2099-05-14T18:00:00+02:00",
            "hosts": 2,
            "driver": "dummy",
            "size": "s1",
            "image": "i1",
            "credentials": str(credentials),
        }
        file = tmp_path / "cloud.yml"
        file.write_text(yaml.safe_dump({**usual, **settings}))
        return file

    return write


@pytest.fixture
def cloud(write_cloud: WriteCloud) -> Cloud:
    return cloud_file.read(write_cloud())


@pytest.fixture(params=["dummy", "ec2"])
def provider(request: pytest.FixtureRequest, write_cloud: WriteCloud) -> LibcloudProvider:
    """Both kinds, one after the other."""
    if request.param == "dummy":
        return LibcloudProvider(LabelledDummy("0"), cloud_file.read(write_cloud()))
    return by_libcloud.connect(cloud_file.read(write_cloud(**request.getfixturevalue("ec2"))))
