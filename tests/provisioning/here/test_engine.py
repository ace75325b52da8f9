from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from foundation.problem import Problem
from provisioning.here import engine
from provisioning.here.engine import Engine, NoEngine, require_fit, require_room

GOOD = Engine("26.1.5", "2.26.1", "0.13.1", Path("/"), ())


def complaint(found: Engine, *, gpu: bool = False) -> Problem:
    with pytest.raises(Problem) as caught:
        require_fit(found, gpu=gpu)
    return caught.value


def with_gpus(folder: Path) -> Engine:
    (folder / "nvidia.yaml").write_text("cdiVersion: 0.6.0\nkind: nvidia.com/gpu\n")
    return dataclasses.replace(GOOD, cdi_folders=(folder / "missing", folder))


def a_docker(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a command `docker` that runs `script` in front of all others."""
    (folder / "docker").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_an_engine_of_today_fits() -> None:
    require_fit(GOOD, gpu=False)


@pytest.mark.parametrize("version", ["20.10.24+dfsg1", "24.0.7"])
def test_an_engine_without_cdi_is_too_old(version: str) -> None:
    problem = complaint(dataclasses.replace(GOOD, version=version))
    assert problem.found == f"the Docker engine is too old: {version}"
    assert "25.0" in problem.expected
    assert "--no-docker" in problem.do


@pytest.mark.parametrize("part", [{"compose": ""}, {"compose": "2.17.3"}, {"buildx": ""}])
def test_plugins_that_are_missing_or_old_are_named(part: dict[str, str]) -> None:
    assert "docker-compose-plugin" in complaint(dataclasses.replace(GOOD, **part)).do  # type: ignore[arg-type]


def test_all_that_is_wrong_with_an_engine_is_said_at_once() -> None:
    problem = complaint(dataclasses.replace(GOOD, version="20.10", compose=""), gpu=True)
    assert [line.partition(":")[0] for line in problem.found.splitlines()] == [
        "the Docker engine is too old",
        "Docker's plugins are missing or too old",
        "there is a GPU, but Docker cannot hand it out",
    ]


def test_gpus_without_a_cdi_description_cannot_be_handed_out(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("kind: vendor.com/net\n")
    problem = complaint(dataclasses.replace(GOOD, cdi_folders=(tmp_path,)), gpu=True)
    assert str(tmp_path) in problem.found
    assert "nvidia-ctk cdi generate" in problem.do
    assert "LAB_TARGET=cpu" in problem.do


def test_an_engine_with_cdi_off_is_told_from_one_without_a_description() -> None:
    assert "CDI is off" in complaint(GOOD, gpu=True).found


def test_a_cdi_description_is_enough(tmp_path: Path) -> None:
    require_fit(with_gpus(tmp_path), gpu=True)


def test_a_disk_without_room_is_said_with_both_numbers(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="too little disk for the images") as caught:
        require_room(dataclasses.replace(GOOD, root=tmp_path), needs_gb=10**6)
    assert str(tmp_path) in caught.value.found
    assert caught.value.expected == "1000000 GB"


def test_a_disk_that_cannot_be_seen_from_here_is_no_obstacle(tmp_path: Path) -> None:
    require_room(dataclasses.replace(GOOD, root=tmp_path / "in a virtual machine"), needs_gb=10**6)


def test_no_command_docker_is_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engine.look() == NoEngine("there is no command `docker`")


def test_a_client_whose_engine_is_down_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_docker(tmp_path, """echo '{"ServerErrors": ["Cannot connect to the Docker daemon"]}'; exit 1""", monkeypatch)
    found = engine.look()
    assert isinstance(found, NoEngine)
    assert found.reason == "no Docker engine answers: Cannot connect to the Docker daemon"


def test_what_an_engine_says_of_itself_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = '{"ServerVersion": "28.1.0", "DockerRootDir": "/data", "CDISpecDirs": ["/etc/cdi"]}'
    script = f"""case "$1" in info) echo '{said}';; compose) echo 2.35.1;; *) echo 'buildx v0.22.0 abc';; esac"""
    a_docker(tmp_path, script, monkeypatch)
    assert engine.look() == Engine("28.1.0", "2.35.1", "0.22.0", Path("/data"), (Path("/etc/cdi"),))
