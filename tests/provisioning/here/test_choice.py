"""Where `up` goes: asked for, found, or neither; and that one state folder's workshop is never taken for another's."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from foundation.problem import Problem
from provisioning.here import compose, instance
from provisioning.here.choice import choose
from provisioning.here.engine import Engine, NoEngine
from provisioning.here.local import up_options
from provisioning.here.place import CLONE, Place

ANSWERS = """case "$1" in
info) echo '{"ServerVersion": "28.1.0", "DockerRootDir": "/data"}';;
compose) echo 2.35.1;;
*) echo 'buildx v0.22.0 abc';;
esac"""
IS_DOWN = """echo '{"ServerErrors": ["Cannot connect to the Docker daemon"]}'; exit 1"""


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder where nothing runs."""
    monkeypatch.setenv("WORKSHOP_STATE", str(tmp_path / "state"))
    for name in ("LAB_TARGET", "COMPOSE_PROJECT_NAME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "state"


@pytest.fixture(params=[ANSWERS, IS_DOWN, ""], ids=["engine", "engine down", "no docker"])
def has_engine(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """A machine whose Docker engine answers, one where it is down, and one without Docker."""
    put_docker(tmp_path, request.param, monkeypatch)
    return bool(request.param == ANSWERS)


def put_docker(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    if script:
        (folder / "docker").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "docker").chmod(0o755)


def asked(*words: str) -> Namespace:
    return up_options(words)


def test_containers_are_chosen_where_an_engine_answers_and_processes_where_none_does(has_engine: bool) -> None:
    assert isinstance(choose(asked()), Engine if has_engine else NoEngine)


def test_why_there_are_no_containers_is_what_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_docker(tmp_path, IS_DOWN, monkeypatch)
    assert choose(asked()) == NoEngine("no Docker engine answers: Cannot connect to the Docker daemon")
    (tmp_path / "docker").unlink()
    assert choose(asked()) == NoEngine("there is no command `docker`")


def test_processes_can_be_asked_for_anywhere(has_engine: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_TARGET", "gpu")
    assert choose(asked("--no-docker")) == NoEngine("--no-docker asks for it")


@pytest.mark.parametrize(("words", "target"), [(("--docker",), ""), ((), "cpu")])
def test_containers_that_were_asked_for_are_never_replaced_by_processes(
    has_engine: bool, words: tuple[str, ...], target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_TARGET", target)
    if has_engine:
        assert isinstance(choose(asked(*words)), Engine)
        return
    with pytest.raises(Problem, match="ocker") as caught:
        choose(asked(*words))
    assert "--no-docker" in caught.value.do


def test_what_runs_as_processes_is_not_started_once_more_in_containers(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_docker(tmp_path, ANSWERS, monkeypatch)
    mark = {instance.MARK: str(state)}
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env=mark) as running:
        while not instance.processes(Place.from_environment()):  # it has not become Python yet
            assert running.poll() is None
        assert choose(asked()) == NoEngine("it runs so already")
        assert isinstance(choose(asked("--docker")), Engine)
        running.kill()


def test_each_state_folder_has_a_stack_of_its_own(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = compose.Project(Place(CLONE / ".workshop", CLONE))
    assert usual.name == "gilfree"
    other, third = compose.Project(Place(state, state)), compose.Project(Place(state / "x", state))
    assert len({usual.name, other.name, third.name}) == 3
    assert other.name.startswith("gilfree-")
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", "mine")
    assert other.name == "mine"


def test_a_stack_of_the_same_name_from_another_clone_is_not_taken_over(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_docker(tmp_path, 'case "$1" in ps) echo /home/eve/clone;; esac', monkeypatch)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.defpath}")
    project = compose.Project(Place(state, state))
    assert project.other_clone == "/home/eve/clone"
    with pytest.raises(Problem, match=f"a workshop named {project.name} runs on this engine") as caught:
        compose.require_ours(project)
    assert "COMPOSE_PROJECT_NAME" in caught.value.do
