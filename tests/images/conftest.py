"""Fixtures of the tests of images/: an empty cache, a web server, and the real interpreter and lab environment."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.steps import Steps
from images.interpreter import Interpreter, obtain
from images.lab.environment import LabEnvironment, ensure
from tests.images.web import Web, serving


@pytest.fixture
def web() -> Iterator[Web]:
    """A web server with no files yet."""
    with serving() as running:
        yield running


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a cache with nothing in it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    root = tmp_path / "xdg" / "gilfree"
    root.mkdir(parents=True)
    return root


@pytest.fixture(scope="session")
def uv() -> Path:
    """The uv of this environment."""
    found = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert found, "uv is in none of the places where ./workshop puts it"
    return Path(found)


@pytest.fixture(scope="session")
def interpreter(lab_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Interpreter:
    """The workshop's interpreter, from the cache: it was made for `lab_python`, if for nothing before."""
    return obtain(Steps(1, tmp_path_factory.mktemp("interpreter") / "log"))


@pytest.fixture(scope="session")
def lab_environment(interpreter: Interpreter, uv: Path, tmp_path_factory: pytest.TempPathFactory) -> LabEnvironment:
    """The lab environment, from the cache like its interpreter."""
    return ensure(interpreter, uv, Steps(1, tmp_path_factory.mktemp("environment") / "log"))
