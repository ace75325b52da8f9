"""A real JupyterHub with seats, over TLS, whose sessions are local processes: what a host's hub is, without Docker."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from checks.environment.fresh import Ran
from foundation.processes import end_marked
from hub.seats import Seats
from images.lab import kernels
from provisioning.here.place import clean_environment
from provisioning.here.ports import free_ports
from provisioning.hosts.checks.host import COMMAND_LIMIT_S
from tests.conftest import ROOT
from tests.https import certificate

MARK = "WORKSHOP_SEAT_HUB"
START_LIMIT_S = 90
SETTINGS = """
import sys
from pathlib import Path
from hub.front_page import ADDRESS, FILE, FrontPage
from hub.local_spawner import LocalSpawner
from hub.seat_login import SeatLogin
from hub.seats import NAME

c.JupyterHub.bind_url = "http://127.0.0.1:{public}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.ConfigurableHTTPProxy.command = [sys.executable, "-P", "-c", "from configurable_http_proxy.cli import main; main()"]
c.JupyterHub.db_url = "sqlite:///jupyterhub.sqlite"
c.JupyterHub.authenticator_class = SeatLogin
front_page = Path("{folder}") / FILE
c.JupyterHub.template_paths = ["{root}/hub/templates"]
c.JupyterHub.template_vars = {{"has_front_page": lambda _user: front_page.exists()}}
c.JupyterHub.extra_handlers = [(ADDRESS, FrontPage, {{"file": front_page}})]
c.SeatLogin.folder = "{folder}"
c.Authenticator.admin_users = {{"instructor"}}
c.Authenticator.allow_all = True
c.Authenticator.username_pattern = rf"^{{NAME}}\\Z"
c.JupyterHub.spawner_class = LocalSpawner
c.Spawner.cmd = [sys.executable, "-P", "-m", "jupyterhub.singleuser"]
c.Spawner.notebook_dir = "{folder}"
c.LocalSpawner.popen_kwargs = {{"cwd": "{folder}"}}
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
"""


@dataclass(frozen=True)
class SeatHub:
    """One that runs. `folder` holds its seats, `ca_file` what its certificate is signed by."""

    url: str
    ca_file: str
    folder: Path

    @property
    def seats(self) -> Seats:
        return Seats(self.folder)


@dataclass
class HostOfSeatHub:
    """A host on which that hub runs: what is asked of its container is asked of its folder."""

    hub: SeatHub
    asked: list[str] = field(default_factory=list)

    def run(self, command: str, _limit_s: float = COMMAND_LIMIT_S) -> Ran:
        self.asked.append(command)
        if found := re.search(r"hub\.seats --rehearse \d+", command):
            words = [sys.executable, "-m", *found[0].split()]
            environment = {**os.environ, "WORKSHOP_STATE": str(self.hub.folder)}
            ran = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
            return Ran(ran.returncode, ran.stdout, ran.stderr)
        return Ran(1, "", "")

    @contextmanager
    def tunnel(self, _port: int) -> Iterator[int]:
        yield int(self.hub.url.rpartition(":")[2])


@contextmanager
def tls_door(port: int, key: Path, signed: Path) -> Iterator[int]:
    """For the block, a port where TLS ends and goes on in the clear to `port`."""
    words = [sys.executable, "-m", "tests.provisioning.hosts.checks.tls_door", str(port), str(key), str(signed)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as door:
        assert door.stdout is not None
        try:
            yield int(door.stdout.readline())
        finally:
            door.kill()


@contextmanager
def seat_hub(folder: Path, lab_python: Path, *, tls: bool = True) -> Iterator[SeatHub]:
    """One that is gone, with its sessions, when the block ends."""
    public, hub, proxy = free_ports(18_000 + os.getpid() % 10_000, 3)
    settings = folder / "settings.py"
    settings.write_text(SETTINGS.format(public=public, hub=hub, proxy=proxy, folder=folder, root=ROOT))
    kernels.install(lab_python, ROOT, folder / "jupyter")
    (folder / "labs").mkdir()
    deliver = [str(lab_python), "-P", "-m", "labs", "deliver"]
    subprocess.run(deliver, env=_environment(folder), check=True, capture_output=True)
    command = [sys.executable, "-P", "-m", "jupyterhub", "-f", str(settings)]
    log = folder / "hub.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=folder, env=_environment(folder), stdout=said, stderr=said, start_new_session=True
        )
    try:
        _wait(process, log)
        if not tls:
            yield SeatHub(f"http://127.0.0.1:{public}", "", folder)
            return
        key, signed = certificate(folder)
        with tls_door(public, key, signed) as door:
            yield SeatHub(f"https://127.0.0.1:{door}", str(signed), folder)
    finally:
        process.send_signal(signal.SIGTERM)
        end_marked(MARK, str(folder), 10)
        process.wait(20)


def _environment(folder: Path) -> dict[str, str]:
    return {
        **clean_environment(),
        "PYTHONPATH": str(ROOT),
        "PATH": f"{ROOT}:{os.environ['PATH']}",
        "JUPYTER_PATH": str(folder / "jupyter"),
        "JUPYTER_CONFIG_PATH": str(ROOT / "images/lab/jupyter"),
        "WORKSHOP_HOME": str(folder / "labs"),
        "WORKSHOP_STATE": os.environ.get("WORKSHOP_STATE") or str(ROOT / ".workshop"),
        MARK: str(folder),
    }


def _wait(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while "JupyterHub is now running" not in log.read_text(errors="replace"):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)
