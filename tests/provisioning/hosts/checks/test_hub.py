"""A host's hub and a session in it: a real hub over TLS, real logins, real kernels; and hubs that are wrong."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checks.suite import Failed, Found, Inconclusive, Skipped
from foundation.model import Report, Result, Status
from provisioning.hosts.checks.host import Subject
from provisioning.hosts.checks.hub import (
    Session,
    gather_session,
    hub,
    judge_rehearsal,
    judge_session,
    metadata,
    rehearsal,
    session,
    session_from,
)
from provisioning.hub_client.client import VisitError
from provisioning.hub_client.visitor import Visitor
from provisioning.rehearsal.model import Phase, Rehearsal, Step
from tests.provisioning.hosts.checks.fakes import FakeOutside, subject_of
from tests.provisioning.hosts.checks.seat_hub import HostOfSeatHub, SeatHub, seat_hub


@pytest.fixture(scope="module")
def running(lab_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeatHub]:
    with seat_hub(tmp_path_factory.mktemp("hub"), lab_python) as made:
        yield made


def subject(running: SeatHub, **more: object) -> Subject:
    """The host of the running hub, as it should be: without a GPU."""
    wanted = {"url": running.url, "tls": "internal", "ca_file": running.ca_file, "gpu_slots": "none", **more}
    return subject_of(HostOfSeatHub(running), FakeOutside(clock=time.time()), **wanted)


def test_a_hub_over_tls_passes_and_says_how_long_its_certificate_is_good(running: SeatHub) -> None:
    found = hub.run(subject(running))
    assert isinstance(found, Found)
    assert "JupyterHub 6." in found.text
    assert "certificate for 30 days" in found.text


def test_a_certificate_that_nobody_here_trusts_is_a_fault(running: SeatHub) -> None:
    with pytest.raises(Failed, match="certificate verify failed"):
        hub.run(subject(running, ca_file=""))


def test_a_certificate_for_another_name_is_a_fault(running: SeatHub) -> None:
    with pytest.raises(Failed, match="localhost"):
        hub.run(subject(running, url=running.url.replace("127.0.0.1", "localhost")))


def test_a_certificate_that_ends_today_is_a_fault(running: SeatHub) -> None:
    late = FakeOutside(clock=time.time() + 30 * 86400 - 3600)
    wanted = {"url": running.url, "tls": "internal", "ca_file": running.ca_file}
    with pytest.raises(Failed, match="the certificate ends in 1 h"):
        hub.run(subject_of(HostOfSeatHub(running), late, **wanted))


def test_nothing_at_the_address_is_a_fault() -> None:
    with pytest.raises(Failed, match="refused"):
        hub.run(subject_of({}, url="https://127.0.0.1:1", tls="internal"))


def test_plain_http_to_the_world_is_a_fault_and_on_the_hosts_own_address_is_not(
    lab_python: Path, tmp_path: Path
) -> None:
    with seat_hub(tmp_path, lab_python, tls=False) as plain:
        with pytest.raises(Failed, match="without TLS"):
            hub.run(subject(plain))
        found = hub.run(subject(plain, tls="off"))
        assert isinstance(found, Found)
        assert "on the host's 127.0.0.1 only" in found.text


def test_an_attendee_logs_in_starts_and_computes_and_nothing_is_left(
    running: SeatHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as there, socket.socket() as closed:
        closed.bind(("127.0.0.2", 0))
        monkeypatch.setattr("provisioning.hosts.checks.hub.METADATA", (there.getsockname(), closed.getsockname()))
        host = subject(running)
        found = session.run(host)
    assert isinstance(found, Found)
    assert found.text.startswith("Python 3.13.")
    assert "t, GIL off; ready in " in found.text
    with pytest.raises(Failed, match=r"a session reaches 127\.0\.0\.1$"):
        metadata.run(host)
    assert not (running.folder / "rehearsal.json").exists()
    assert accounts(running) == ["instructor"]


def accounts(running: SeatHub) -> list[str]:
    """Whom the hub knows."""

    async def ask() -> list[str]:
        secret = running.seats.instructor_password
        async with Visitor(running.url, "instructor", secret, running.ca_file) as instructor:
            await instructor.log_in()
            return [user["name"] for user in await instructor.api("GET", "/hub/api/users")]

    return asyncio.run(ask())


def test_two_checks_at_once_do_not_take_each_others_attendee(running: SeatHub) -> None:
    theirs = running.seats.rehearse(1)
    with pytest.raises(Inconclusive, match=r"^a rehearsal or a check by login began \d+ s ago, and has not ended$"):
        session.run(subject(running))
    assert running.seats.admits("rehearsal-001", theirs["rehearsal-001"])
    running.seats.end_rehearsal()


@pytest.mark.parametrize("printed", ["", "42\n", '{"python": "3.13.5"}\n'])
def test_what_is_no_answer_of_the_kernel_is_a_fault(printed: str) -> None:
    with pytest.raises(VisitError, match="the kernel's answer cannot be read"):
        session_from(printed, 1.0)


def test_a_hub_that_gives_no_seat_is_a_fault_and_says_nothing_of_metadata() -> None:
    lost = subject_of({}, url="https://127.0.0.1:1", tls="internal")
    with pytest.raises(Failed, match="the hub gives no seat to try"):
        session.run(lost)
    with pytest.raises(Inconclusive, match="no session to ask from"):
        metadata.run(lost)


RIGHT = Session(
    python="3.13.5",
    free_threaded=True,
    gil=False,
    metadata=(),
    report=Report(subject="s", results=(Result(code="gpu.device", title="", status=Status.PASS),)),
    ready_s=3.0,
)


def report(code: str, status: Status) -> Report:
    return Report(subject="s", results=(Result(code=code, title="", status=status, found="it hangs"),))


def test_the_right_session_has_no_fault() -> None:
    assert judge_session(RIGHT, has_gpus=True) is None


def test_a_session_without_the_gpu_that_is_promised_is_a_fault() -> None:
    host = subject_of({})
    host._seen[gather_session] = replace(RIGHT, report=report("gpu.device", Status.SKIPPED))
    with pytest.raises(Failed, match="the session sees no GPU"):
        session.run(host)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (replace(RIGHT, free_threaded=False), "an ordinary Python 3.13.5"),
        (replace(RIGHT, gil=True), "the GIL is on in the kernel"),
        (replace(RIGHT, report=report("gpu.kernel", Status.FAIL)), "in the session `gpu.kernel`: it hangs"),
        (replace(RIGHT, report=report("gpu.driver", Status.ERROR)), "in the session `gpu.driver`: it hangs"),
        (replace(RIGHT, report=report("gpu.device", Status.SKIPPED)), "the session sees no GPU"),
    ],
)
def test_a_session_that_is_wrong_is_named(wrong: Session, said: str) -> None:
    assert said in str(judge_session(wrong, has_gpus=True))


@pytest.mark.parametrize(("is_there", "said"), [(True, "the host itself reaches it"), (False, "not there at all")])
def test_closed_metadata_says_whether_there_is_any(is_there: bool, said: str) -> None:
    host = subject_of({"/dev/tcp": ""} if is_there else {})
    host._seen[gather_session] = RIGHT
    assert said in str(metadata.run(host))


def test_a_session_that_reaches_the_metadata_is_a_fault() -> None:
    host = subject_of({})
    host._seen[gather_session] = replace(RIGHT, metadata=("169.254.169.254",))
    with pytest.raises(Failed, match=r"a session reaches 169\.254\.169\.254"):
        metadata.run(host)


def test_an_answer_is_read_whatever_stands_before_it() -> None:
    said = {"python": "3.13.5", "free_threaded": True, "gil": False, "metadata": [], "report": RIGHT.report.to_json()}
    assert session_from(f"a warning\n{json.dumps(said)}\n", 3.0) == RIGHT


def rehearsed(*failures: tuple[str, Phase, str]) -> Rehearsal:
    """Three attendees, of whom those in `failures` were stopped in a phase, for a reason."""
    stopped = {name: (phase, why) for name, phase, why in failures}
    steps = []
    for name in ("a", "b", "c"):
        last, why = stopped.get(name, (None, ""))
        for phase in Phase:
            steps.append(Step(name, phase, 0, 1, failure=why if phase is last else ""))
            if phase is last:
                break
    return Rehearsal("https://x", ("a", "b", "c"), tuple(steps))


def test_a_rehearsal_in_which_everybody_came_through_has_no_fault() -> None:
    assert judge_rehearsal(rehearsed()) is None
    assert judge_rehearsal(replace(rehearsed(), steps=())) == "not everybody came through"


def test_a_rehearsal_says_how_many_were_stopped_and_by_what() -> None:
    found = rehearsed(("a", Phase.START, "no end after 900 s"), ("b", Phase.CHECK, "wrong"))
    assert judge_rehearsal(found) == "2 of 3 did not come through: start: no end after 900 s"


def test_two_made_up_attendees_come_through_at_once(running: SeatHub) -> None:
    found = rehearsal.run(subject(running, rehearse=2))
    assert isinstance(found, Found)
    assert found.text.startswith("2 of 2 came through; started after ")


def test_a_rehearsal_that_cannot_begin_is_a_fault_and_one_that_nobody_asked_for_is_none(running: SeatHub) -> None:
    nowhere = subject(running, url="https://127.0.0.1:1", rehearse=2)
    with pytest.raises(Failed):
        rehearsal.run(nowhere)
    with pytest.raises(Skipped, match="--rehearse N"):
        rehearsal.run(subject(running))
