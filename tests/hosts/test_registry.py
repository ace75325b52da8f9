"""Images that come from a registry, by digest: a real registry, and a host that trusts it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from tests.conftest import LAB_PYTHON
from tests.docker.stack import REGISTRY, docker
from tests.hosts.play import Play, Played
from tests.hosts.rig import Host, host_image

pytestmark = pytest.mark.timeout(1200)

NAMES = ("gilfree/hub:latest", "gilfree/proxy:latest", f"gilfree/lab:{LAB_PYTHON}-cpu")
IMAGES = ("--tags", "images")


@dataclass(frozen=True)
class Registry:
    """Where hosts find it, and the digests of what was pushed."""

    address: str
    digests: Mapping[str, str]


@pytest.fixture(scope="module")
def registry(images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """One that holds the images of this clone."""
    image = host_image("trixie", "registry", tmp_path_factory.mktemp("registry") / "setup.log")
    made = docker("run", "--detach", "--rm", "--publish", "127.0.0.1::5000", image).strip()
    try:
        here = docker("port", made, "5000").strip()  # of 127.0.0.1 the engine asks no TLS
        yield Registry(
            address=docker("inspect", "--format", "{{.NetworkSettings.IPAddress}}", made).strip() + ":5000",
            digests={name: push(f"{REGISTRY}{name}", f"{here}/team/{name}") for name in NAMES},
        )
    finally:
        docker("rm", "--force", "--volumes", made)


def push(image: str, to: str) -> str:
    """The digest that the registry gives it."""
    docker("tag", image, to)
    try:
        docker("push", "--quiet", to)
        known = docker("image", "inspect", "--format", '{{join .RepoDigests " "}}', to).split()
        return next(digest for digest in known if digest.startswith(to.rpartition(":")[0])).partition("@")[2]
    finally:
        docker("rmi", to)


@pytest.fixture
def pulling(registry: Registry, again: Played, play: Play, settled: Host) -> Play:
    """The play on the host that trusts the registry, and has the images already, by copy."""
    source = {"workshop_images": "registry", "workshop_image_registry": f"{registry.address}/team/"}
    return replace(
        play,
        hosts={"settled": settled},
        variables={**play.variables, **source, "workshop_image_digests": dict(registry.digests)},
    )


def test_images_are_pulled_by_digest_once_and_are_those_that_were_meant(pulling: Play, settled: Host) -> None:
    before = settled.said("cat /var/lib/workshop/images.json")
    pulled = pulling.run(*IMAGES)
    assert pulled.code == 0, pulled.end
    assert "images : Pull by digest" in pulled.changes
    assert settled.said("cat /var/lib/workshop/images.json") == before, "the same images, whichever way they came"
    again = pulling.run(*IMAGES)
    assert (again.code, again.changes) == (0, []), again.end
    checked = pulling.provision("check", "host.images")
    assert checked.code == 0, checked.end


def test_an_image_of_another_digest_is_found(pulling: Play) -> None:
    other = {**pulling.variables["workshop_image_digests"], "gilfree/hub:latest": f"sha256:{'0' * 64}"}
    checked = replace(pulling, variables={**pulling.variables, "workshop_image_digests": other}).provision(
        "check", "host.images"
    )
    assert checked.code == 1
    assert f"not sha256:{'0' * 64}" in checked.said


def test_a_missing_digest_is_refused_before_anything_is_pulled(pulling: Play) -> None:
    refused = pulling.run(*IMAGES, workshop_image_digests={})
    assert refused.code == 2
    assert "workshop_image_digests has no digest of gilfree/hub:latest" in refused.said
    assert refused.changes == []
