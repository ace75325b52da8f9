"""The clone's .env, which Docker Compose reads: what `./workshop` needs of it is what compose.yaml gets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from foundation.problem import ExitCode, Problem
from provisioning.here.compose import READ_HERE, Project, adopt_env_file, choose_target, wanted_port
from provisioning.here.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A clone, and an environment that says nothing."""
    with patch.dict(os.environ):
        for name in (*READ_HERE, "COMPOSE_PROJECT_NAME"):
            os.environ.pop(name, None)
        yield Place(tmp_path / ".workshop", tmp_path / "home", clone=tmp_path)


def test_target_port_and_name_are_taken_from_it(place: Place) -> None:
    (place.clone / ".env").write_text("LAB_TARGET='cpu'\nWORKSHOP_PORT=9001 # ours\nCOMPOSE_PROJECT_NAME=spring\n")
    adopt_env_file(place)
    assert choose_target() == ("cpu", "LAB_TARGET=cpu")
    assert wanted_port(None) == 9001
    assert Project(place).name == "spring"


def test_the_environment_has_the_last_word(place: Place) -> None:
    (place.clone / ".env").write_text("WORKSHOP_PORT=9001\nCOMPOSE_PROJECT_NAME=spring\n")
    os.environ |= {"WORKSHOP_PORT": "9002", "COMPOSE_PROJECT_NAME": "autumn"}
    adopt_env_file(place)
    assert wanted_port(None) == 9002
    assert Project(place).name == "autumn"


@pytest.mark.parametrize("text", [None, "GPU_SLOTS=2\n"])
def test_what_it_does_not_say_stays_as_it_was(place: Place, text: str | None) -> None:
    if text:
        (place.clone / ".env").write_text(text)
    before = dict(os.environ)
    adopt_env_file(place)
    assert dict(os.environ) == before


def test_one_that_cannot_be_read_is_refused(place: Place) -> None:
    (place.clone / ".env").write_text('LAB_TARGET="cpu\n')
    with pytest.raises(Problem, match="unterminated quoted value") as refused:
        adopt_env_file(place)
    assert refused.value.exit_code is ExitCode.USAGE
    assert str(place.clone / ".env") in refused.value.do
