"""Two GPUs and three attendees: each session has a GPU to itself, the third waits and is told so, whatever breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.docker.attendee import Attendee
from tests.docker.fake_gpus import SEEN_AT
from tests.docker.stack import MEMORY_MB, Stack, docker


@dataclass
class Class:
    """The attendees of one test; their sessions end with it."""

    stack: Stack
    password: str
    names: list[str]

    def come(self, name: str) -> Attendee:
        self.names.append(name)
        attendee = Attendee(self.stack.url, name, self.password)
        assert attendee.log_in()
        return attendee

    def gpu_of(self, name: str) -> str:
        return self.stack.in_session(name, "cat", SEEN_AT).stdout.strip()

    def running(self) -> list[str]:
        prefix = self.stack.session("")
        names = docker("ps", "--filter", f"name={prefix}", "--format", "{{.Names}}").split()
        return sorted(name.removeprefix(prefix) for name in names)

    def restart_hub(self, signal: str = "SIGKILL") -> None:
        hub = self.stack.container("hub")
        docker("kill", "--signal", signal, hub)
        docker("start", hub)
        visitor = Attendee(self.stack.url, "visitor", "")
        visitor.wait_for(lambda: visitor.page("/hub/health").status_code == 200, "the hub to be back")


@pytest.fixture
def class_of(stack: Stack) -> Iterator[Class]:
    made = Class(stack, stack.password(), [])
    yield made
    for name in made.names:
        Attendee(stack.url, name, made.password).leave()


def test_the_third_waits_is_told_so_and_is_served_when_one_leaves(class_of: Class, stack: Stack) -> None:
    ada, bob, cleo = (class_of.come(name) for name in ("ada", "bob", "cleo"))
    assert "2 of 2 GPU slots are free." in ada.page("/hub/spawn").text
    ada.start()
    bob.start()
    ada.wait_until_ready()
    bob.wait_until_ready()
    assert {class_of.gpu_of("ada"), class_of.gpu_of("bob")} == set(stack.gpus)
    told = stack.in_session("ada", "printenv", "WORKSHOP_GPU_MEMORY_MB", "CUPY_GPU_MEMORY_LIMIT").stdout.split()
    assert told == [str(MEMORY_MB), str(MEMORY_MB * 1_000_000)]

    assert "All 2 GPU slots are taken since" in cleo.page("/hub/spawn").text
    cleo.start()
    assert "You are number 1 in the queue" in cleo.progress()["message"]
    assert class_of.running() == ["ada", "bob"]
    left = class_of.gpu_of("bob")
    bob.stop()
    cleo.wait_until_ready()
    assert class_of.gpu_of("cleo") == left


def test_who_chooses_the_cpu_gets_no_gpu_and_does_not_wait(class_of: Class) -> None:
    attendees = [class_of.come(name) for name in ("ada", "bob", "cleo")]
    for attendee, where in zip(attendees, ("gpu", "gpu", "cpu"), strict=True):
        attendee.start(where)
    for attendee in attendees:
        attendee.wait_until_ready()
    assert class_of.gpu_of("cleo") == ""


def test_a_container_killed_from_outside_gives_its_gpu_to_the_next(class_of: Class, stack: Stack) -> None:
    ada, bob, cleo = (class_of.come(name) for name in ("ada", "bob", "cleo"))
    for attendee in (ada, bob):
        attendee.start()
        attendee.wait_until_ready()
    cleo.start()
    left = class_of.gpu_of("ada")
    docker("kill", stack.session("ada"))
    cleo.wait_until_ready()
    assert class_of.gpu_of("cleo") == left
    ada.wait_until_gone()


def test_a_hub_killed_and_restarted_keeps_sessions_and_their_gpus(class_of: Class) -> None:
    ada, bob, cleo = (class_of.come(name) for name in ("ada", "bob", "cleo"))
    for attendee in (ada, bob):
        attendee.start()
        attendee.wait_until_ready()
    before = class_of.gpu_of("ada"), class_of.gpu_of("bob")
    class_of.restart_hub()
    assert ada.page("/user/ada/api").status_code == 200
    cleo.start()
    assert "You are number 1 in the queue" in cleo.progress()["message"]
    assert (class_of.gpu_of("ada"), class_of.gpu_of("bob")) == before
    ada.stop()
    cleo.wait_until_ready()
    assert class_of.gpu_of("cleo") == before[0]


def test_a_hub_killed_during_a_start_loses_no_gpu_and_gives_none_twice(class_of: Class, stack: Stack) -> None:
    ada, bob, cleo = (class_of.come(name) for name in ("ada", "bob", "cleo"))
    ada.start()
    ada.wait_for(lambda: docker("ps", "-aq", "--filter", f"name={stack.session('ada')}"), "a container")
    class_of.restart_hub()
    ada.wait_for(lambda: not (ada.server or {}).get("pending"), "the hub to know what has become of the start")
    bob.start()
    bob.wait_until_ready()
    if ada.is_ready():  # the session was adopted; otherwise what the killed hub had begun is cleared away
        assert class_of.gpu_of("ada") != class_of.gpu_of("bob")
        ada.stop()
    cleo.start()
    cleo.wait_until_ready()
    assert {class_of.gpu_of("bob"), class_of.gpu_of("cleo")} == set(stack.gpus)
    assert class_of.running() == ["bob", "cleo"]
