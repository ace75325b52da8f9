"""Rehearsals against a real hub with real sessions: what they find, and that nothing is left of them."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from foundation.problem import INTERRUPTED, Problem
from provisioning.hub_client.visitor import Visitor
from provisioning.rehearsal.crowd import rehearse
from provisioning.rehearsal.model import Phase, Rehearsal
from provisioning.rehearsal.organiser import Access
from tests.conftest import ROOT
from tests.provisioning.rehearsal.local_class import LocalClass, local_class


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, lab_python: Path) -> Iterator[LocalClass]:
    with local_class(tmp_path_factory.mktemp("class"), lab_python, CLASS_WIDTH="1") as running:
        yield running


def rehearsed(access: Access, *, anyway: bool = False) -> Rehearsal:
    return asyncio.run(rehearse(access, lambda *_: None, anyway=anyway))


def accounts(hub: LocalClass) -> list[str]:
    """Whom the hub knows."""

    async def ask() -> list[str]:
        async with Visitor(hub.url, "instructor", hub.seats.instructor_password) as organiser:
            await organiser.log_in()
            return [user["name"] for user in await organiser.api("GET", "/hub/api/users")]

    return asyncio.run(ask())


def nothing_is_left(hub: LocalClass) -> bool:
    return (accounts(hub), hub.homes, hub.sessions) == (["instructor"], [], [])


def test_everybody_goes_through_all_phases_and_who_has_a_wrong_code_is_told_apart(hub: LocalClass) -> None:
    access = hub.access(3)
    access = replace(access, seats={**access.seats, "rehearsal-003": "wrong"})
    found = rehearsed(access)
    assert found.came_through == ["rehearsal-001", "rehearsal-002"], found.failures
    assert [(step.attendee, step.phase) for step in found.failures] == [("rehearsal-003", Phase.LOG_IN)]
    assert "wrong password or code" in found.failures[0].failure
    queued = [step.queued_s > 0 for step in found.steps if step.phase is Phase.START]
    assert sorted(queued) == [False, True]  # they start one after the other
    assert nothing_is_left(hub)


def test_a_class_at_work_is_not_disturbed(hub: LocalClass) -> None:
    async def work() -> None:
        async with Visitor(hub.url, "ada", hub.seats.class_password) as ada:
            await ada.log_in()
            await ada.page("/hub/spawn")
            with pytest.raises(Problem, match=r"1 session \(ada\)"):
                await rehearse(hub.access(1), lambda *_: None)
            known = await ada.api("GET", "/hub/api/users/ada")
            assert "" in known["servers"]

    asyncio.run(work())
    assert "rehearsal-001" not in accounts(hub)


def test_a_wrong_secret_of_the_organiser_is_a_problem(hub: LocalClass) -> None:
    with pytest.raises(Problem, match="does not let the organiser in"):
        rehearsed(replace(hub.access(1), instructor="wrong"))


def test_a_workshop_that_does_not_answer_is_a_problem(hub: LocalClass) -> None:
    with pytest.raises(Problem, match="does not let the organiser in"):
        rehearsed(replace(hub.access(1), url="http://127.0.0.1:9"))


def test_ctrl_c_in_the_middle_of_starts_leaves_nothing_behind(hub: LocalClass, tmp_path: Path) -> None:
    access = asdict(hub.access(4))
    command = [
        sys.executable,
        "-m",
        "provisioning.rehearsal",
        access.pop("url"),
        "--anyway",
        "--picture",
        str(tmp_path / "p.svg"),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdin is not None
        running.stdin.write(json.dumps(access))
        running.stdin.close()
        while not any("rehearsal-" in each for each in hub.homes):  # a start is under way
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        running.send_signal(signal.SIGINT)
        assert running.wait(120) == INTERRUPTED
        assert running.stderr is not None
        assert "removed" in running.stderr.read()
    assert [name for name in accounts(hub) if name.startswith("rehearsal-")] == []
    assert [name for name in hub.homes if name.startswith("rehearsal-")] == []
    assert not (tmp_path / "p.svg").exists()
