"""A real hub on a free port: who gets in, what `up`, `status` and `down` say, and that nothing survives."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from provisioning.here import instance
from provisioning.here.place import CLONE, Place
from provisioning.here.ports import free_ports
from tests.driven_workshop import DrivenWorkshop, free_port

LISTENING = "0A"
LOOPBACK = "0100007F"  # 127.0.0.1 as /proc/net/tcp writes it


class Workshop(DrivenWorkshop):
    """The workshop driven from outside, with a look inside."""

    @property
    def place(self) -> Place:
        return Place(self.state, self.state / "home")

    @property
    def hub_pid(self) -> int:
        found = instance.running(self.place)
        assert found is not None
        return found.pid


def url_in(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    (url,) = re.findall(r"^http://127\.0\.0\.1:\S+$", done.stdout, re.MULTILINE)
    return str(url)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory, lab_python: Path) -> Iterator[Workshop]:
    state = tmp_path_factory.mktemp("workshop") / "state of it"  # a blank in a path is nothing special
    made = Workshop(state, free_port())
    yield made
    made.run("down")
    assert instance.processes(made.place) == []


@pytest.fixture
def up(workshop: Workshop) -> Workshop:
    """The workshop, running."""
    if instance.running(workshop.place) is None:
        workshop.up()
    return workshop


class Browser:
    """Follows redirects and keeps cookies."""

    def __init__(self) -> None:
        no_proxy = urllib.request.ProxyHandler({})
        self._opener = urllib.request.build_opener(no_proxy, urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, url: str) -> tuple[int, str, str]:
        """Status, the address in the end, the page."""
        try:
            with self._opener.open(url, timeout=60) as answer:
                return answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.url, error.read().decode()


def test_the_printed_url_logs_in_one_browser_once(up: Workshop) -> None:
    url = url_in(up.run("status"))
    first, second = Browser(), Browser()
    status, address, _ = first.get(url)
    assert status == 200
    assert re.search(r"/hub/spawn-pending/attendee$|/user/attendee/lab/tree/index\.md$", address)
    assert "code=" not in address
    status, _, page = second.get(url)
    assert status == 403
    assert "This link has been used" in page
    assert "./workshop status" in page
    assert first.get(url)[0] == 200  # reloading does no harm to the one who is in


def test_nobody_gets_in_without_the_url(up: Workshop) -> None:
    base = f"http://127.0.0.1:{up.port}"
    for path in (
        "/",
        "/hub/home",
        "/hub/login?code=guess",
        "/hub/token",
        "/user/attendee/lab",
        "/hub/login?next=/hub/home",
    ):
        status, _, page = Browser().get(base + path)
        assert status == 403, path
        assert "./workshop status" in page, path
        assert "<form" not in page, path
    assert Browser().get(base + "/hub/api/users")[0] == 403


def test_everything_listens_on_this_machine_only(up: Workshop) -> None:
    pids = [each.pid for each in instance.processes(up.place)]
    sockets = {os.readlink(handle) for pid in pids for handle in Path(f"/proc/{pid}/fd").iterdir()}  # noqa: PTH115
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    lines += [line.split() for line in Path("/proc/net/tcp6").read_text().splitlines()[1:]]
    listening = [line[1] for line in lines if line[3] == LISTENING and f"socket:[{line[9]}]" in sockets]
    assert f"{LOOPBACK}:{up.port:04X}" in listening
    assert [address for address in listening if not address.startswith(LOOPBACK)] == []


def test_secrets_and_state_are_private(up: Workshop) -> None:
    assert up.place.state.stat().st_mode & 0o777 == 0o700
    for name in ("cookie_secret", "jupyterhub.sqlite", "hub.log", "running.json"):
        assert (up.place.hub / name).stat().st_mode & 0o777 == 0o600, name


def test_up_says_that_it_runs_already(up: Workshop) -> None:
    before = up.hub_pid
    done = up.run("up")
    assert "runs already" in done.stdout
    assert Browser().get(url_in(done))[0] == 200
    assert up.hub_pid == before
    elsewhere = up.run("up", "--port", str(up.port + 1))
    assert elsewhere.returncode == 3
    assert f"on port {up.port}" in elsewhere.stderr


def test_status_tells_port_pids_and_memory(up: Workshop) -> None:
    done = up.run("status")
    assert done.returncode == 0
    assert f"answers on 127.0.0.1:{up.port}" in done.stdout
    assert re.search(rf"^ *{up.hub_pid} +\d+ MB ", done.stdout, re.MULTILINE)


def test_down_is_refused_inside_the_session(up: Workshop) -> None:
    inside = Workshop(up.state, up.port, environment={instance.MARK: str(up.state)})
    for command in ("down", "up"):
        done = inside.run(command)
        assert done.returncode == 3
        assert "typed inside the workshop" in done.stderr
    assert up.hub_pid


def test_after_a_killed_hub_up_works_again_and_edits_are_there(up: Workshop) -> None:
    exercise = next(up.place.home.glob("lab*/lab*.py"))
    exercise.write_text("# mine\n")
    current = instance.running(up.place)
    assert current is not None
    os.kill(current.pid, signal.SIGKILL)
    instance.wait_for_end(current)
    killed = up.run("status")
    assert killed.returncode == 1
    assert "was killed" in killed.stdout
    again = up.run("up", "--detach", "--port", str(up.port))
    assert "have been ended" in again.stdout
    assert Browser().get(url_in(again))[0] == 200
    assert exercise.read_text() == "# mine\n"


def test_of_two_that_start_at_once_one_wins_and_the_other_reports(workshop: Workshop) -> None:
    workshop.run("down")
    with instance.alone(workshop.place):
        done = workshop.run("up", "--detach")
        assert workshop.run("status").returncode == 3
    assert done.returncode == 3
    assert f"at work on {workshop.place.state} (pid {os.getpid()})" in done.stderr
    assert instance.processes(workshop.place) == []


def test_a_taken_port_is_named_with_its_holder(workshop: Workshop) -> None:
    workshop.run("down")
    with socket.create_server(("127.0.0.1", workshop.port)):
        done = workshop.run("up", "--detach", "--port", str(workshop.port))
    assert done.returncode == 3
    assert f"port {workshop.port} is taken by" in done.stderr
    assert f"(pid {os.getpid()})" in done.stderr
    assert "./workshop up --port" in done.stderr


def test_ctrl_c_takes_all_down_and_the_default_port_moves_on_where_it_is_taken(workshop: Workshop) -> None:
    workshop.run("down")
    (workshop.place.hub / "port").write_text(str(workshop.port))
    with socket.create_server(("127.0.0.1", workshop.port)):
        child = subprocess.Popen(
            [sys.executable, "-u", CLONE / "workshop", "up", "--no-docker"],
            env={**os.environ, "WORKSHOP_STATE": str(workshop.place.state), "WORKSHOP_HOME": ""},
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert child.stdout is not None
        said = []
        for line in child.stdout:
            said.append(line)
            if line.startswith("Ctrl-C stops it"):
                child.send_signal(signal.SIGINT)
        child.stdout.close()
        assert child.wait(60) == 0
    assert f"using {free_ports(workshop.port + 1, 1)[0]}" in "".join(said)
    assert "none is left" in said[-1]
    assert instance.processes(workshop.place) == []


def test_down_ends_all_and_says_so_also_twice(up: Workshop) -> None:
    url = url_in(up.run("status"))
    assert "none is left" in up.run("down").stdout
    assert instance.processes(up.place) == []
    with pytest.raises(urllib.error.URLError):
        Browser().get(url)
    again = up.run("down")
    assert again.returncode == 0
    assert "does not run" in again.stdout
    assert up.run("status").returncode == 1
