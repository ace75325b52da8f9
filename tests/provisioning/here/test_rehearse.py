"""`./workshop rehearse`: what is asked for, with which secrets, and what is told if there is nothing to rehearse."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.problem import ExitCode, Problem
from provisioning.here.place import CLONE
from provisioning.here.rehearse import rehearse
from tests.driven_workshop import free_port

ACCESS = {"instructor": "k7qm", "seats": {"rehearsal-001": "a", "rehearsal-002": "b"}}


@pytest.fixture(autouse=True)
def no_workshop_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSHOP_STATE", str(tmp_path / "state"))


@pytest.fixture
def access(tmp_path: Path) -> str:
    file = tmp_path / "access.json"
    file.write_text(json.dumps(ACCESS))
    return str(file)


@pytest.mark.parametrize(
    "words", [[], ["0"], ["501"], ["-1"], ["many"], ["2", "--url", "http://x"], ["2", "--access", "x"]]
)
def test_what_cannot_be_meant_is_a_usage_error(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        rehearse(words)
    assert ended.value.code == ExitCode.USAGE


def test_without_a_workshop_in_containers_the_way_to_one_is_told() -> None:
    with pytest.raises(Problem) as told:
        rehearse(["2"])
    assert told.value.do == "./workshop up --docker"


@pytest.mark.parametrize("command", [["seats"], ["rehearse", "2"]])
def test_a_machine_without_docker_is_told_so(command: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, CLONE / "workshop", *command], env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == ExitCode.COULD_NOT_CHECK
    assert "no workshop runs here in containers: there is no command `docker`" in done.stderr
    assert "Traceback" not in done.stderr


def test_more_attendees_than_seats_are_refused(access: str) -> None:
    with pytest.raises(Problem, match="has 2 seats") as told:
        rehearse(["3", "--url", "http://x", "--access", access])
    assert told.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize("content", ["", "[]", '{"seats": 1}', "{}"])
def test_a_file_that_is_no_access_is_refused(content: str, tmp_path: Path) -> None:
    file = tmp_path / "odd"
    file.write_text(content)
    with pytest.raises(Problem, match="cannot be read"):
        rehearse(["1", "--url", "http://x", "--access", str(file)])


def test_a_url_where_nobody_answers_is_told_and_could_not_be_checked(access: str) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = subprocess.run(
        [sys.executable, CLONE / "workshop", "rehearse", "2", "--url", url, "--access", access],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == ExitCode.COULD_NOT_CHECK, done.stderr
    assert f"the workshop at {url} does not let the organiser in" in done.stderr
    assert "Traceback" not in done.stderr
    assert "k7qm" not in done.stderr


def test_ctrl_c_is_passed_on_and_waited_for(access: str, tmp_path: Path) -> None:
    """A server that accepts and never answers stands for the hub."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, str(CLONE / "workshop"), "rehearse", "1", "--url", url, "--access", access]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
            connection, _ = silent.accept()
            running.send_signal(signal.SIGINT)  # to `workshop` alone: a terminal sends it to both
            assert running.wait(60) == 130
            assert running.stderr is not None
            assert "removed" in running.stderr.read()
            connection.close()
