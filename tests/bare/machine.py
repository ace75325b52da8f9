"""A fresh machine: a container of Debian with python3 and git, a clone, and somebody at its terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from foundation.steps import Steps
from images.cpython.debian import archives
from provisioning.here.build_settings import SEEN_AT
from tests.docker import base_image
from tests.docker.stack import docker, succeeded

HERE = Path(__file__).parent
LIMIT_S = 1500
PASSWORD = "secret"
LINK = re.compile(r"^(http://127\.0\.0\.1:\d+)/hub/login\?code=\S+$", re.MULTILINE)
OPENS = """
import sys, time, urllib.request
browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
address, deadline = sys.argv[1], time.monotonic() + 120
while True:
    address = browser.open(address, timeout=60).url
    if "/hub/spawn-pending/" not in address or time.monotonic() > deadline:
        break
    time.sleep(0.2)
print(address)
"""


@dataclass(frozen=True, slots=True)
class FreshMachine:
    """A running container. `root` and `ada` may use it; each has a clone of their own, `~/gilfree`."""

    name: str

    def run(self, who: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A command in `who`'s clone, with what this machine knows of package indexes; without standard input."""
        command = self._command(who, words, environment)
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )

    def said(self, who: str, *words: str, **environment: str) -> str:
        """What the command prints; it has to succeed."""
        return succeeded(self.run(who, *words, **environment))

    def sh(self, script: str) -> str:
        """What a script of root's prints; it has to succeed."""
        return docker("exec", self.name, "sh", "-euc", script)

    def type_at_terminal(self, who: str, *words: str, answers: Sequence[tuple[str, str]]) -> tuple[int, str]:
        """The exit code of a command at a terminal, and what is on that; (what is waited for, what is typed then)."""
        command = self._command(who, words, {}, terminal=True)
        pid, terminal = pty.fork()
        if not pid:
            os.execvp(command[0], command)
        shown, left, deadline = "", [*answers], time.monotonic() + LIMIT_S
        while chunk := _read(terminal):
            shown += chunk
            if left and left[0][0] in shown:
                os.write(terminal, f"{left.pop(0)[1]}\n".encode())
            assert time.monotonic() < deadline, shown
        _, status = os.waitpid(pid, 0)
        os.close(terminal)
        return os.waitstatus_to_exitcode(status), shown

    def clone(self, who: str, bundle: Path) -> None:
        """Give `who` a clone of `bundle`."""
        docker("cp", str(bundle), f"{self.name}:/gilfree.bundle")
        home = docker("exec", "--user", who, self.name, "sh", "-c", "echo ~").strip()
        docker("exec", "--user", who, self.name, "git", "clone", "--quiet", "/gilfree.bundle", f"{home}/gilfree")

    def opens(self, who: str, printed: str) -> str:
        """The address to which the link leads that `up` has printed, when the session has started."""
        link = LINK.search(printed)
        assert link, printed
        return self.said(who, "python3", "-c", OPENS, link[0]).strip()

    def installed(self) -> set[str]:
        """The packages that it has."""
        return set(self.sh("dpkg-query --show --showformat '${Package}\\n'").split())

    def _command(
        self, who: str, words: Sequence[str], environment: dict[str, str], *, terminal: bool = False
    ) -> list[str]:
        settings = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
        as_user = ["--user", who, *settings, *(["--interactive", "--tty"] if terminal else [])]
        script = 'cd ~/gilfree && exec sh images/with_build_settings "$@"'
        return ["docker", "exec", *as_user, self.name, "sh", "-c", script, "sh", *words]


def bare_image(suite: str, log: Path) -> str:
    """The image of a fresh machine, built if it is not there."""
    debian = [archive for archive in archives() if archive.endswith("/debian")]
    base = base_image.ensure(Steps(total=1, log=log), debian, suite)
    image = f"gilfree-test/bare:{suite}"
    build = ["docker", "build", "--quiet", "--build-arg", f"BASE={base}", "--tag", image, str(HERE)]
    succeeded(subprocess.run(build, capture_output=True, text=True, timeout=600, check=False))
    return image


@contextmanager
def fresh_machine(image: str, settings: Path) -> Iterator[FreshMachine]:
    """A new one, gone after the block. `settings`: how package indexes are reached."""
    name = f"gilfree-host-bare-{uuid.uuid4().hex[:8]}"  # cleared away after a killed run, as the hosts are
    docker("run", "--detach", "--init", "--name", name, "--volume", f"{settings}:{SEEN_AT}:ro", image)
    try:
        yield FreshMachine(name)
    finally:
        docker("rm", "--force", "--volumes", name)


def _read(terminal: int) -> str:
    try:
        return os.read(terminal, 65536).decode(errors="replace")
    except OSError:  # the other side has ended
        return ""
