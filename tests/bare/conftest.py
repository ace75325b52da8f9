"""Fresh machines with Debian 12 and 13, and what a first `./workshop up` has made on one, kept.

The first `up` compiles for minutes. What it made and said is kept as an image, under a hash of all that went into it:
while that stays the same, later runs of the tests start from it.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.here.build_settings import write_build_settings
from provisioning.here.place import Place
from tests.bare.first_up import FirstUp, first_up
from tests.bare.machine import FreshMachine, bare_image, fresh_machine
from tests.docker.conftest import engine
from tests.hosts.play import committed_copy

__all__ = ["engine"]

SUITES = {"bookworm": "debian 12", "trixie": "debian 13"}
LIMIT_S = 1800


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whichever comes first waits for a compiler."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(LIMIT_S))


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The working tree as one file that git clones."""
    site = committed_copy(tmp_path_factory.mktemp("site"))
    file = site.parent / "gilfree.bundle"
    subprocess.run(["git", "bundle", "create", "--quiet", file, "HEAD"], cwd=site, check=True)
    return file


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """How this machine reaches package indexes, for everybody in a container to read."""
    folder = write_build_settings(Place(tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("home")))
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)
    return folder


@pytest.fixture(scope="session", params=SUITES, ids=list(SUITES.values()))
def suite(request: pytest.FixtureRequest) -> str:
    """A release of Debian, by its name."""
    return str(request.param)


@pytest.fixture(scope="session")
def bare(engine: None, suite: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image of a fresh machine."""
    return bare_image(suite, tmp_path_factory.mktemp("image") / "log")


@pytest.fixture(scope="session")
def first(bare: str, suite: str, settings: Path, bundle: Path) -> FirstUp:
    """What root's first `up` on it made."""
    return first_up(bare, suite, settings, bundle)


@pytest.fixture
def machine(first: FirstUp, settings: Path, bundle: Path) -> Iterator[FreshMachine]:
    """A fresh machine with nothing but ada, her clone, and the cache that the first `up` filled."""
    with fresh_machine(first.image, settings) as made:
        made.clone("ada", bundle)
        yield made
