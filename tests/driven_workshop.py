"""The workshop driven from outside, by its entry script and a browser, as a person would."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from foundation import processes
from foundation.packages import install_line, package
from labs.attendee.workspace import Workspace
from labs.catalogue import Lab
from provisioning.here.needs import BROWSERS
from tests.conftest import ROOT, need

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class DrivenWorkshop:
    """A workshop in a state folder and on a port of its own."""

    state: Path
    port: int
    clone: Path = ROOT
    environment: dict[str, str] | None = None

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`./workshop ARGUMENTS`, to its end; `up` without Docker, whether there is one or not."""
        environment = {**os.environ, **(self.environment or {}), "WORKSHOP_STATE": str(self.state), "WORKSHOP_HOME": ""}
        local = ["--no-docker"] if arguments[:1] == ("up",) else []
        command: list[str | Path] = [sys.executable, self.clone / "workshop", *arguments, *local]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)

    def up(self) -> str:
        """Start it; the link that logs in."""
        started = self.run("up", "--detach", "--port", str(self.port))
        assert started.returncode == 0, started.stderr
        return self.link(started.stdout)

    def link(self, text: str) -> str:
        """The link in what `up` or `status` printed."""
        found = re.search(rf"http://127\.0\.0\.1:{self.port}/\S+", text)
        assert found, text
        return found[0]

    @property
    def processes(self) -> list[processes.Process]:
        """What runs of it."""
        return processes.marked("WORKSHOP_INSTANCE", str(self.state))

    def exercise(self, lab: Lab) -> Path:
        """The attendee's file."""
        return Workspace(self.state / "home").exercise(lab)


@contextmanager
def driven_workshop(state: Path, clone: Path = ROOT, **environment: str) -> Iterator[DrivenWorkshop]:
    """One that is down again when the block ends."""
    workshop = DrivenWorkshop(state, free_port(), clone, environment)
    try:
        yield workshop
    finally:
        workshop.run("down")


@contextmanager
def browser() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    need(path, "a Chromium browser", install_line([package("chromium")]))
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield opened
        opened.close()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
