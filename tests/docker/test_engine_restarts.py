"""The engine is killed under a class: sessions end, and no slot is lost, none given twice, no file gone."""

from __future__ import annotations

import pytest

from tests.conftest import need
from tests.docker import engine
from tests.docker.attendee import at_work
from tests.docker.fake_gpus import SEEN_AT
from tests.docker.stack import Stack, docker

MINE = "/home/attendee/labs/lab01_gil_state/lab01.py"


def is_alone(stack: Stack) -> bool:
    """Whether nothing else runs on the engine."""
    return all(name.startswith(f"{stack.name}-") for name in docker("ps", "--format", "{{.Names}}").split())


def test_after_a_killed_engine_the_hub_is_back_and_slots_and_files_are_there(stack: Stack) -> None:
    if not engine.is_ours():
        pytest.skip("the Docker engine is this machine's own: it is not killed")
    need(is_alone(stack), "an engine that nobody else uses", "end what else runs on it: docker ps")
    ada, ben = (at_work(stack, name) for name in ("ada", "ben"))
    assert stack.in_session("ada", "sh", "-c", f"echo '# mine' >> {MINE}").returncode == 0

    engine.kill_and_start()
    ada.wait_for(lambda: ada.answers("/hub/health"), "the hub to be back")
    for attendee in (ada, ben):
        attendee.wait_until_gone()
    assert docker("ps", "--quiet", "--filter", f"label=gilfree.workshop={stack.name}") == ""

    for attendee in (ben, ada):
        attendee.start()
    for attendee in (ben, ada):
        attendee.wait_until_ready()
    assert {stack.in_session(name, "cat", SEEN_AT).stdout.strip() for name in ("ada", "ben")} == set(stack.gpus)
    assert stack.in_session("ada", "tail", "-n", "1", MINE).stdout == "# mine\n"
    for attendee in (ada, ben):
        attendee.leave()
