"""One stack of compose.yaml under a name of its own, driven as an organiser would, and looked into by testinfra."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT
from tests.driven_workshop import free_port

UP_LIMIT_S = 2400


@dataclass(frozen=True)
class Stack:
    """A project of Docker Compose, its public port and the state folder of `./workshop`."""

    name: str
    port: int
    state: Path

    @classmethod
    def new(cls, state: Path) -> Stack:
        """One that clashes with no other on this engine."""
        return cls(f"gilfree-{uuid.uuid4().hex[:6]}", free_port(), state)

    @property
    def url(self) -> str:
        """Where browsers find it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What makes `docker compose` and `./workshop` be about this stack."""
        own = {"COMPOSE_PROJECT_NAME": self.name, "WORKSHOP_PORT": str(self.port), "WORKSHOP_STATE": str(self.state)}
        return {**os.environ, **own, "LAB_TARGET": "cpu", "PGO": ""}

    def workshop(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`./workshop WORDS`, to its end."""
        return self._run(sys.executable, str(ROOT / "workshop"), *words)

    def compose(self, *words: str) -> str:
        """What `docker compose WORDS` prints; it has to succeed."""
        return succeeded(self._run("docker", "compose", *words))

    def up(self) -> str:
        """Start it as an organiser does; what that prints."""
        return succeeded(self.workshop("up", "--docker", "--detach"))

    def password(self, of: str = "class") -> str:
        """The class's password, or that of the "instructor"."""
        return self.compose("exec", "-T", "hub", "cat", f"/srv/hub/{of}-password").strip()

    def container(self, service: str) -> str:
        """The container of `hub` or `proxy`."""
        return self.compose("ps", "--quiet", service).strip()

    def lab(self, attendee: str) -> str:
        """The name of an attendee's container."""
        return f"{self.name}-lab-{attendee}"

    def in_lab(self, attendee: str, *words: str) -> subprocess.CompletedProcess[str]:
        """A command in an attendee's running session, as its terminal would run it."""
        return self._run("docker", "exec", self.lab(attendee), *words)

    def remove(self) -> None:
        """Leave nothing: containers, networks, volumes."""
        self.workshop("down")
        self._run("docker", "compose", "down", "--volumes", "--remove-orphans")
        volumes = docker("volume", "ls", "--quiet", "--filter", f"name={self.name}-").split()
        if volumes:
            docker("volume", "rm", *volumes)

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=UP_LIMIT_S, check=False
        )


def docker(*words: str) -> str:
    """What `docker WORDS` prints; it has to succeed."""
    return succeeded(subprocess.run(["docker", *words], capture_output=True, text=True, timeout=120, check=False))


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    """Its output."""
    assert done.returncode == 0, f"{done.args}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout
