"""What the images hold and what they do not, each looked at in a container that only sleeps."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import testinfra

from tests.conftest import LAB_PYTHON
from tests.docker.stack import REGISTRY, docker

NAMES = (f"lab:{LAB_PYTHON}-cpu", "hub", "proxy")
LAB, HUB, PROXY = IMAGES = tuple(f"{REGISTRY}gilfree/{name}" for name in NAMES)
COMPILERS = ("gcc", "g++", "cc", "c++", "clang", "make", "ld", "nvcc")
SECRET = re.compile(r"password|secret|token|api_?key|credential", re.IGNORECASE)
MB = 1_000_000
AT_MOST_MB = {LAB: 1400, HUB: 450, PROXY: 400}


def container_of(image: str) -> Iterator[Any]:
    name = docker("run", "--detach", "--network", "none", "--entrypoint", "sleep", image, "3600").strip()
    yield testinfra.get_host(f"docker://{name}")
    docker("rm", "--force", "--volumes", name)


@pytest.fixture(scope="module", params=IMAGES)
def host(request: pytest.FixtureRequest, images: None) -> Iterator[Any]:
    yield from container_of(request.param)


@pytest.fixture(scope="module")
def lab(images: None) -> Iterator[Any]:
    yield from container_of(LAB)


@pytest.fixture(params=IMAGES)
def image(request: pytest.FixtureRequest, images: None) -> dict[str, Any]:
    """What the engine knows of it."""
    (known,) = json.loads(docker("image", "inspect", request.param))
    return {**known, "name": request.param}


def test_whoever_runs_in_it_is_not_root(host: Any) -> None:
    assert host.user().uid == 1000
    assert host.file("/etc/shadow").user != host.user().name
    assert host.run("touch /usr/bin/mine").rc != 0


@pytest.mark.parametrize("command", COMPILERS)
def test_no_compiler_is_in_it(host: Any, command: str) -> None:
    assert not host.exists(command)


def test_nothing_of_it_lets_a_process_become_root(host: Any) -> None:
    found = host.run("find / -xdev -perm -4000 -type f -newer /etc/debian_version -path '/opt/*'").stdout
    assert found == ""


def test_neither_environment_nor_layers_hold_a_secret(image: dict[str, Any]) -> None:
    assert [line for line in image["Config"]["Env"] if SECRET.search(line.partition("=")[0])] == []
    history = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", image["name"])
    assert [line for line in history.splitlines() if re.search(r"(password|token)=\S", line, re.IGNORECASE)] == []


def test_no_file_of_it_is_a_private_key_or_a_login(host: Any) -> None:
    names = " -o ".join(
        f"-name {name}" for name in (".netrc", ".npmrc", ".pypirc", ".git-credentials", "id_rsa", "id_ed25519", "*.key")
    )
    assert host.run(f"find /etc /home /opt /root /srv /usr/local -xdev -type f ( {names} )").stdout == ""
    keys = host.run("grep -rlE --exclude-dir=node_modules 'BEGIN [A-Z ]*PRIVATE KEY' /etc /home /srv /opt/workshop")
    assert keys.stdout == ""


def test_nothing_that_a_build_needed_of_this_machine_is_left(host: Any) -> None:
    left = host.run("find / -xdev ( -name environment -o -name pip.conf ) -path '/build_settings/*' -o -name pip.conf")
    assert left.stdout.strip() == ""
    assert not host.file("/build_settings").exists
    assert not host.file("/root/.cache/uv").exists


def test_it_says_what_it_is(image: dict[str, Any]) -> None:
    labels = image["Config"]["Labels"]
    for label in ("title", "description", "licenses"):
        assert labels[f"org.opencontainers.image.{label}"]


def test_hub_and_proxy_say_how_they_are_and_the_hub_looks_after_sessions(image: dict[str, Any]) -> None:
    asked = image["Config"].get("Healthcheck")
    assert bool(asked) is (image["name"] != LAB)


def test_it_is_not_larger_than_we_say(image: dict[str, Any]) -> None:
    assert image["Size"] < AT_MOST_MB[image["name"]] * MB


def test_the_labs_python_is_free_threaded_and_the_servers_is_ordinary(lab: Any) -> None:
    asks = "import sysconfig; print(sysconfig.get_config_var('Py_GIL_DISABLED') or 0)"
    assert lab.check_output(f'/opt/lab/bin/python -c "{asks}"') == "1"
    assert lab.check_output(f'/opt/server/bin/python -c "{asks}"') == "0"


COUNTS = """
from checks import child
from checks.environment import cores, here
from foundation.cores import usable
from labs import kit
from provisioning.here import machine
print(usable(), kit.cores(), child.facts()["cores"], cores.gather(here()).usable, machine.describe().split()[0])
"""


def test_with_a_part_of_the_machine_every_part_of_the_workshop_counts_the_same_cores(images: None) -> None:
    """One and a half: what the scheduler allows (all cores) is not what the container gets."""
    run = ("run", "--rm", "--network", "none", "--cpus", "1.5", "--entrypoint", "/opt/lab/bin/python")
    assert docker(*run, LAB, "-P", "-c", COUNTS).split() == ["1"] * 5


def test_nothing_forces_the_gil(image: dict[str, Any]) -> None:
    assert not [line for line in image["Config"]["Env"] if line.startswith("PYTHON_GIL")]


def test_the_workshop_and_its_labs_belong_to_root_and_cannot_be_changed(lab: Any) -> None:
    for path in ("/opt/workshop/workshop", "/opt/workshop/labs", "/opt/lab/lock.txt", "/opt/cpython/bin"):
        assert lab.file(path).user == "root"
        assert lab.run(f"test -w {path}").rc != 0


def test_the_lab_image_has_the_commands_of_a_session(lab: Any) -> None:
    assert lab.check_output("command -v workshop") == "/opt/workshop/workshop"
    assert lab.check_output("command -v python") == "/opt/lab/bin/python"
    assert lab.check_output("command -v jupyterhub-singleuser") == "/opt/server/bin/jupyterhub-singleuser"


@pytest.fixture(scope="module")
def begun(lab: Any) -> Any:
    """The lab's container after a session has begun in it: the labs are delivered."""
    assert lab.run("/opt/workshop/images/lab/start true").rc == 0
    return lab


def test_a_session_begins_and_its_kernels_compute_without_a_network(begun: Any) -> None:
    assert begun.file("/home/attendee/labs/lab01_gil_state/lab01.py").user == "attendee"
    assert begun.run("workshop check kernels.compute").rc == 0
    for downloader in ("uv", "pip", "curl", "wget", "git"):
        assert not begun.exists(downloader)


def test_lab_01_asks_the_ordinary_python_of_the_image(begun: Any) -> None:
    begun.check_output("cp /opt/workshop/labs/lab01_gil_state/solution.py ~/labs/lab01_gil_state/lab01.py")
    verdict = json.loads(begun.check_output("workshop lab check 01 --json"))
    (ordinary,) = (each for each in verdict["results"] if each["code"] == "ordinary")
    assert ordinary["status"] == "pass", ordinary
    assert "/usr/bin/python3" in ordinary["found"]


@pytest.mark.parametrize("environment", ["/opt/lab", "/opt/server"])
def test_what_no_session_can_use_is_left_out(lab: Any, environment: str) -> None:
    assert lab.check_output(f"find {environment}/lib -name '*.a' -o -type d -name tests") == ""


def services_under(clone: Path, **settings: str) -> dict[str, Any]:
    """compose.yaml's services, as Docker Compose understands them."""
    done = subprocess.run(
        ["docker", "compose", "config", "--format", "json"],
        cwd=clone, env={**os.environ, "LAB_TARGET": "cpu", **settings}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    services: dict[str, Any] = json.loads(done.stdout)["services"]
    return services


@pytest.mark.parametrize("name", ["WORKSHOP_BUILD_SETTINGS", "WORKSHOP_MACHINE"])
def test_builds_take_the_build_settings_of_a_folder_by_its_new_name_and_its_old(
    engine: None, clone: Path, tmp_path: Path, name: str
) -> None:
    services = services_under(clone, **{name: str(tmp_path)})
    builds = [service["build"] for service in services.values() if "build" in service]
    assert [build["additional_contexts"] for build in builds] == [{"build_settings": str(tmp_path)}] * 3


def test_another_python_is_a_row_to_build_and_an_image_of_its_own(engine: None, clone: Path) -> None:
    services = services_under(clone, LAB_PYTHON="3.14t")
    assert services["lab"]["build"]["args"]["ROW"] == "3.14t"
    named = {services["lab"]["image"], *(services[name]["environment"]["LAB_IMAGE"] for name in ("hub", "engine"))}
    assert named == {"gilfree/lab:3.14t-cpu"}
