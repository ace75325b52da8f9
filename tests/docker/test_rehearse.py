"""`./workshop rehearse` against a stack of containers: everybody comes through, and nothing of them is left."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET

from provisioning.rehearsal.model import Rehearsal
from tests.conftest import ROOT
from tests.docker.attendee import Attendee, at_work
from tests.docker.stack import Stack, docker, succeeded


def left(stack: Stack) -> list[str]:
    """The containers, networks and volumes of a rehearsal's attendees."""
    asked = ["ps --all --format {{.Names}}", "network ls --format {{.Name}}", "volume ls --format {{.Name}}"]
    names = [name for words in asked for name in docker(*words.split()).split()]
    return [name for name in names if name.startswith(f"{stack.name}-") and "rehearsal" in name]


def accounts(stack: Stack) -> list[str]:
    """Which attendees of a rehearsal the hub knows."""
    organiser = Attendee(stack.url, "instructor", stack.password("instructor"))
    assert organiser.log_in()
    names = [user["name"] for user in organiser.api("GET", "/users").json()]
    return [name for name in names if name.startswith("rehearsal-")]


def test_everybody_comes_through_and_nothing_is_left(stack: Stack) -> None:
    found = Rehearsal.from_json(json.loads(succeeded(stack.workshop("rehearse", "3", "--json"))))
    assert found.is_good
    assert len(found.attendees) == 3
    drawn = (stack.state / "rehearsal.svg").read_text()
    assert ET.fromstring(drawn).tag.endswith("svg")
    assert left(stack) == []
    assert accounts(stack) == []
    assert stack.workshop("seats", "--roster").stdout.startswith("nobody")


def test_a_class_at_work_is_left_alone(stack: Stack) -> None:
    ada = at_work(stack, "ada")
    refused = stack.workshop("rehearse", "1")
    assert refused.returncode == 3
    assert "a class is at work: 1 session (ada)" in refused.stderr
    assert succeeded(stack.workshop("rehearse", "1", "--anyway")).endswith("rehearsal.svg\n")
    assert ada.is_ready()
    ada.stop()


def test_two_at_once_are_one_and_a_message(stack: Stack) -> None:
    stack.compose("exec", "-T", "hub", "python", "-m", "hub.seats", "--rehearse", "1")  # and was killed
    refused = stack.workshop("rehearse", "1")
    assert refused.returncode == 3
    assert "a rehearsal or a check by login began" in refused.stderr
    assert "say --anyway" in refused.stderr
    succeeded(stack.workshop("rehearse", "1", "--anyway"))
    succeeded(stack.workshop("rehearse", "1"))


def test_ctrl_c_leaves_nothing(stack: Stack) -> None:
    command = [sys.executable, str(ROOT / "workshop"), "rehearse", "3"]
    with subprocess.Popen(command, env=stack.environment, stderr=subprocess.PIPE, text=True) as running:
        while not left(stack):
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        assert running.wait(120) == 130
        assert running.stderr is not None
        running.stderr.read()
    assert left(stack) == []
    assert accounts(stack) == []
