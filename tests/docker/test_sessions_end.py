"""Sessions that end by themselves, under a hub that is renewed while others work: slots are free, homes are kept."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.docker.attendee import Attendee, at_work
from tests.docker.fake_gpus import SEEN_AT
from tests.docker.stack import Stack, docker


@pytest.fixture(scope="module")
def ada(stack: Stack) -> Iterator[Attendee]:
    """An attendee whose session began before the hub was renewed."""
    attendee = at_work(stack, "ada")
    yield attendee
    stack.renew("hub")  # as it was before
    attendee.leave()


def test_a_renewed_hub_or_proxy_finds_the_sessions_where_they_were(stack: Stack, ada: Attendee) -> None:
    before = docker("inspect", "--format", "{{.Id}}", stack.session("ada"))
    gpu = stack.in_session("ada", "cat", SEEN_AT).stdout
    for service in ("hub", "proxy"):
        old = stack.container(service)
        stack.renew(service)
        assert stack.container(service) != old
    ada.wait_for(lambda: ada.answers("/user/ada/api"), "the session to be reachable again")
    assert docker("inspect", "--format", "{{.Id}}", stack.session("ada")) == before
    assert stack.in_session("ada", "cat", SEEN_AT).stdout == gpu
    back = "import urllib.request as r; print(r.urlopen('http://hub:8081/hub/api', timeout=5).status)"
    ada.wait_for(
        lambda: stack.in_session("ada", "python", "-c", back).stdout.strip() == "200", "the way to the new hub"
    )
    ben = at_work(stack, "ben")
    assert stack.in_session("ben", "cat", SEEN_AT).stdout != gpu
    ben.leave()


def test_a_session_that_nobody_uses_ends_and_gives_its_gpu_back(stack: Stack, ada: Attendee) -> None:
    stack.with_settings(LAB_IDLE_MINUTES="0.6").renew("hub")
    ben = at_work(stack, "ben")
    assert stack.in_session("ben", "sh", "-c", "echo '# mine' >> ~/labs/lab01_gil_state/lab01.py").returncode == 0
    assert "All 2 GPU slots are taken" in _visitor(stack).page("/hub/spawn").text
    ben.wait_until_gone()
    assert ada.is_ready()  # it began under a hub without such a limit
    assert "1 of 2 GPU slots are free." in _visitor(stack).page("/hub/spawn").text
    again = at_work(stack, "ben")
    assert (
        stack.in_session("ben", "tail", "-n", "1", "/home/attendee/labs/lab01_gil_state/lab01.py").stdout == "# mine\n"
    )
    again.leave()


def test_the_longest_time_ends_a_session_that_works(stack: Stack, ada: Attendee) -> None:
    stack.with_settings(LAB_IDLE_MINUTES="0", LAB_MAX_HOURS="0.01").renew("hub")
    ben = at_work(stack, "ben")
    ben.wait_until_gone()


def test_sessions_that_end_slowly_do_not_wait_for_one_another(stack: Stack) -> None:
    attendees = [at_work(stack, name, "cpu") for name in ("ben", "cleo")]
    sessions = {stack.session(attendee.name) for attendee in attendees}
    for attendee in attendees:
        assert stack.in_session(attendee.name, "sh", "-c", "kill -STOP -1").returncode == 0  # deaf to a polite end
    began = docker("info", "--format", "{{.SystemTime}}").strip()
    with ThreadPoolExecutor() as together:
        list(together.map(Attendee.stop, attendees))
    kinds = [word for kind in ("kill", "die") for word in ("--filter", f"event={kind}")]
    shown = "{{.Action}} {{.Actor.Attributes.name}}"
    now = docker("info", "--format", "{{.SystemTime}}").strip()
    events = docker("events", "--since", began, "--until", now, *kinds, "--format", shown).splitlines()
    ours = [tuple(event.split()) for event in events if event.split()[-1] in sessions]
    assert {(kind, name) for kind, name in ours[:2]} == {("kill", name) for name in sessions}, ours


def _visitor(stack: Stack) -> Attendee:
    visitor = Attendee(stack.url, "visitor", stack.password())
    assert visitor.log_in()
    return visitor
