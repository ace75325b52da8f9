"""A stack of containers, from `up` to `down`: what is said, what runs, its limits, what a session proves of itself."""

from __future__ import annotations

import json
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import testinfra

from tests.docker.attendee import Attendee, at_work
from tests.docker.stack import Stack, docker

MB = 2**20


@pytest.fixture(scope="module")
def ada(stack: Stack) -> Iterator[Attendee]:
    """An attendee with a running session."""
    attendee = at_work(stack, "ada", "cpu")
    yield attendee
    attendee.leave()


@pytest.fixture(scope="module")
def session(stack: Stack, ada: Attendee) -> Any:
    """Inside ada's session."""
    return testinfra.get_host(f"docker://{stack.session('ada')}")


def facts(container: str) -> dict[str, Any]:
    """What the engine knows of a container."""
    (known,) = json.loads(docker("container", "inspect", container))
    return dict(known)


def test_up_again_changes_nothing_and_prints_where_it_is(stack: Stack) -> None:
    before = stack.container("hub")
    said = stack.up()
    assert f"http://127.0.0.1:{stack.port}" in said
    assert stack.password() in said
    assert "chosen:  containers" in said
    assert stack.container("hub") == before


def test_only_the_public_port_is_open_to_the_machine(stack: Stack) -> None:
    published = {name: facts(stack.container(name))["HostConfig"]["PortBindings"] for name in ("proxy", "hub")}
    assert published["hub"] in ({}, None)
    assert published["proxy"] == {"8000/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(stack.port)}]}


def test_the_first_page_is_the_login(stack: Stack) -> None:
    with urllib.request.urlopen(stack.url, timeout=30) as answer:
        assert answer.url.partition("?")[0] == f"{stack.url}/hub/login"


def test_a_wrong_password_opens_nothing(stack: Stack) -> None:
    stranger = Attendee(stack.url, "eve", "not-the-password")
    assert not stranger.log_in()
    assert stranger.page("/hub/api/user").status_code == 403


@pytest.mark.parametrize("service", ["hub", "proxy"])
def test_hub_and_proxy_have_no_privilege(stack: Stack, service: str) -> None:
    known = facts(stack.container(service))
    assert known["HostConfig"]["CapDrop"] == ["ALL"]
    assert not known["HostConfig"]["CapAdd"]
    assert "no-new-privileges" in known["HostConfig"]["SecurityOpt"]
    assert known["Config"]["User"] not in ("", "root", "0")
    assert not known["HostConfig"]["Privileged"]


def test_neither_hub_nor_proxy_nor_session_holds_the_engines_socket(stack: Stack, session: Any) -> None:
    for container in (stack.container("hub"), stack.container("proxy"), stack.session("ada")):
        assert [mount for mount in facts(container)["Mounts"] if "docker.sock" in mount["Source"]] == []
    assert not session.file("/var/run/docker.sock").exists


def test_a_session_is_limited(stack: Stack, session: Any) -> None:
    limits = facts(stack.session("ada"))["HostConfig"]
    assert limits["Memory"] == 2048 * MB
    assert limits["MemorySwap"] == limits["Memory"]
    assert 0 < limits["PidsLimit"] <= 1024
    assert limits["ShmSize"] >= 512 * MB
    assert limits["CapDrop"] == ["ALL"]
    assert "no-new-privileges" in limits["SecurityOpt"]
    assert not limits["Privileged"]


def test_a_session_that_takes_more_memory_than_its_limit_is_stopped(session: Any) -> None:
    greedy = session.run("python -c \"b = bytearray(3 * 2**30); print('all of it')\"")
    assert greedy.rc != 0
    assert "all of it" not in greedy.stdout


def test_a_session_belongs_to_the_attendee(session: Any) -> None:
    assert session.user().name == "attendee"
    assert session.file("/home/attendee/labs/lab03_mandelbrot_threads/lab03.py").user == "attendee"
    assert "CapEff:\t0000000000000000" in session.file("/proc/self/status").content_string


def test_a_session_reaches_neither_the_internet_nor_the_metadata_address(session: Any) -> None:
    for address in ("169.254.169.254", "1.1.1.1"):
        tried = session.run(f"python -c \"import socket; socket.create_connection(('{address}', 80), timeout=3)\"")
        assert tried.rc != 0


def test_the_workshop_checks_itself_inside_a_session(stack: Stack, ada: Attendee) -> None:
    codes = ("python.build", "gil.off", "gil.imports", "packages.lock", "kernels.compute", "machine.memory")
    done = stack.in_session("ada", "workshop", "check", *codes, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {each["status"] for each in json.loads(done.stdout)["results"]} == {"pass"}


def test_a_lab_is_judged_inside_a_session(stack: Stack, ada: Attendee) -> None:
    untouched = stack.in_session("ada", "workshop", "lab", "check", "07")
    assert untouched.returncode == 1, untouched.stdout + untouched.stderr
    solved = "cp /opt/workshop/labs/lab07_unique_ids/solution.py ~/labs/lab07_unique_ids/lab07.py"
    passed = stack.in_session("ada", "sh", "-c", f"{solved} && workshop lab check 07")
    assert passed.returncode == 0, passed.stdout + passed.stderr


def test_an_edit_survives_the_session_and_the_stack(stack: Stack, ada: Attendee) -> None:
    mine = "/home/attendee/labs/lab01_gil_state/lab01.py"
    assert stack.in_session("ada", "sh", "-c", f"echo '# mine' >> {mine}").returncode == 0
    down = stack.workshop("down")
    assert down.returncode == 0, down.stdout + down.stderr
    assert docker("ps", "--all", "--quiet", "--filter", f"name={stack.name}") == ""
    assert docker("network", "ls", "--quiet", "--filter", f"name={stack.name}") == ""
    stack.up()
    ada.log_in()
    ada.start("cpu")
    ada.wait_until_ready()
    assert stack.in_session("ada", "tail", "-n", "1", mine).stdout == "# mine\n"


def test_a_taken_port_is_said_before_anything_is_built(stack: Stack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        other = Stack.new(stack.state)
        done = Stack(other.name, port, other.state).workshop("up", "--docker", "--detach")
    assert done.returncode == 3
    assert f"port {port} is taken by" in done.stderr
    assert "images of lab" not in done.stderr


def test_a_second_hub_of_the_same_name_is_refused(stack: Stack) -> None:
    said = refusal(stack.another_hub())
    assert f"another hub works on this workshop's data (in the container {stack.container('hub')[:12]})" in said


@pytest.mark.parametrize(("name", "value"), [("LAB_MEMORY", "lots"), ("GPU_SLOTS", "GPU-1**2")])
def test_a_variable_that_makes_no_sense_is_one_message(stack: Stack, name: str, value: str) -> None:
    assert refusal(stack.another_hub(**{name: value})).startswith("found:    " + name)


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """What a hub says that does not start: its message, and nothing around it."""
    said = done.stdout + done.stderr
    assert done.returncode != 0, said
    assert "Traceback" not in said
    return said[said.index("found:") :]


def test_compose_by_itself_refuses_a_target_that_is_none(stack: Stack) -> None:
    done = subprocess.run(
        ["docker", "compose", "build", "lab"],
        env={**stack.environment, "LAB_TARGET": "tpu"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert 'target stage "tpu" could not be found' in done.stdout + done.stderr


def test_the_gpu_target_is_refused_before_it_is_built_where_there_is_no_gpu(stack: Stack) -> None:
    done = subprocess.run(
        ["docker", "compose", "build", "lab"],
        env={**stack.environment, "LAB_TARGET": "gpu"}, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode != 0
    assert "LAB_TARGET=cpu docker compose up" in done.stdout + done.stderr
