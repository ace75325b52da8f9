"""One stack of compose.yaml under a name of its own, driven as an organiser would, and looked into by testinfra."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.conftest import ROOT
from tests.driven_workshop import free_port

UP_LIMIT_S = 2400
MEMORY_MB = 6000  # of each GPU
# The images of this clone: another clone's tests, at the same time on the same engine, leave them alone.
REGISTRY = f"gilfree-test-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:6]}/"


@dataclass(frozen=True)
class Stack:
    """A project of Docker Compose, its public port, the state folder of `./workshop`, and the GPUs that it is told of.

    Its images are the CPU's, whatever GPUs there are: real ones there are none.
    """

    name: str
    port: int
    state: Path
    gpus: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)

    @classmethod
    def new(cls, state: Path, gpus: Iterable[str] = ()) -> Stack:
        """One that clashes with no other on this engine."""
        return cls(f"gilfree-{uuid.uuid4().hex[:6]}", free_port(), state, tuple(gpus))

    def with_settings(self, **settings: str) -> Stack:
        """The same stack, to be brought up with other settings."""
        return replace(self, settings=settings)

    @property
    def url(self) -> str:
        """Where browsers find it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What makes `docker compose` and `./workshop` be about this stack."""
        own = {"COMPOSE_PROJECT_NAME": self.name, "WORKSHOP_PORT": str(self.port), "WORKSHOP_STATE": str(self.state)}
        slots = ",".join(f"{gpu}@{MEMORY_MB}" for gpu in self.gpus)
        kind = {"LAB_TARGET": "cpu", "PGO": "", "REGISTRY": REGISTRY, "GPU_SLOTS": slots}
        return {**os.environ, **own, **kind, **self.settings}

    def workshop(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`./workshop WORDS`, to its end."""
        return self._run(sys.executable, str(ROOT / "workshop"), *words)

    def compose(self, *words: str) -> str:
        """What `docker compose WORDS` prints; it has to succeed."""
        return succeeded(self._run("docker", "compose", *words))

    def another_hub(self, **settings: str) -> subprocess.CompletedProcess[str]:
        """A second hub beside the one that runs, to its end."""
        given = [word for name, value in settings.items() for word in ("--env", f"{name}={value}")]
        return self._run("docker", "compose", "run", "--rm", "--no-deps", "--no-TTY", *given, "hub")

    def up(self) -> str:
        """Start it as an organiser does; what that prints."""
        return succeeded(self.workshop("up", "--docker", "--detach"))

    def renew(self, service: str) -> None:
        """Give `service` a new container, as `docker compose up` does after a change of settings or image."""
        self.compose("up", "--detach", "--no-build", "--no-deps", "--force-recreate", "--wait", service)

    def password(self, of: str = "class") -> str:
        """The class's password, or that of the "instructor"."""
        return self.compose("exec", "-T", "hub", "cat", f"/srv/hub/{of}-password").strip()

    def container(self, service: str) -> str:
        """The container of `hub` or `proxy`."""
        return self.compose("ps", "--quiet", service).strip()

    def session(self, attendee: str) -> str:
        """The name of the container of an attendee's session."""
        return f"{self.name}-lab-{attendee}"

    def in_session(self, attendee: str, *words: str) -> subprocess.CompletedProcess[str]:
        """A command in an attendee's running session, as its terminal would run it."""
        return self._run("docker", "exec", self.session(attendee), *words)

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
