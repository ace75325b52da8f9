"""Hosts to provision: containers with systemd, sshd and GPUs that are not there, reached by real ssh.

What they are not: machines with a kernel of their own. No module is loaded in them, and they have no boot loader.
"""

from __future__ import annotations

import os
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundation.steps import Steps
from images.cpython.debian import archives
from tests.docker import base_image
from tests.docker.stack import docker, succeeded

FILES = Path(__file__).parent / "host"
USER = "admin"
DRIVER = "580.95.05"
BOOT_LIMIT_S = 60.0
COMMAND_LIMIT_S = 300
# Here cgroups may be version 1, which systemd refuses from 256 on, unless its command line says so.
LEGACY_CGROUPS = "systemd.unified_cgroup_hierarchy=0 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"


@dataclass(frozen=True, slots=True)
class Host:
    """One running host."""

    name: str
    address: str
    key: Path
    gpus: tuple[str, ...] = ()

    @property
    def variables(self) -> dict[str, Any]:
        """What an inventory says about it: how it is reached."""
        return {
            "ansible_host": self.address,
            "ansible_user": USER,
            "ansible_ssh_private_key_file": str(self.key),
            "ansible_ssh_common_args": f"-o UserKnownHostsFile={self.key.parent / 'known_hosts'}",
        }

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """A script of sh on it, as root."""
        command = ["docker", "exec", "--interactive", self.name, "sh", "-eu"]
        return subprocess.run(
            command, input=script, capture_output=True, text=True, timeout=COMMAND_LIMIT_S, check=False
        )

    def said(self, script: str) -> str:
        """What the script prints; it has to succeed."""
        return succeeded(self.run(script)).strip()

    @property
    def is_on(self) -> bool:
        """Whether it runs, as one that is powered off does not."""
        return docker("inspect", "--format", "{{.State.Running}}", self.name).strip() == "true"

    def power_on(self) -> None:
        """Boot it, and wait until that is over."""
        docker("start", self.name)
        wait_for(lambda: "running" in self.run("systemctl is-system-running").stdout, f"{self.name} to boot", self)

    def put(self, path: str, text: str) -> None:
        """A file on it."""
        folder, _, name = path.rpartition("/")
        self.said(f"mkdir -p {folder}; cat >{folder}/{name} <<'END-OF-FILE'\n{text}\nEND-OF-FILE\n")


@dataclass
class Rig:
    """Makes hosts, and leaves none."""

    folder: Path
    made: list[str] = field(default_factory=list)

    @property
    def key(self) -> Path:
        """The private key that every host lets in."""
        file = self.folder / "id_ed25519"
        if not file.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file], check=True)
        return file

    def host(self, suite: str, *, engine: bool = False, gpus: int = 0, data: str = "") -> Host:
        """A new host from a base image of `suite`, with an `engine` or bare. `data` says what /var/lib/docker is."""
        image = host_image(suite, "with-engine" if engine else "bare", self.folder / "setup.log")
        name = f"gilfree-host-{uuid.uuid4().hex[:8]}"
        self.made.append(name)
        docker(
            *("run", "--detach", "--name", name, "--hostname", name, "--privileged", "--cgroupns", "private"),
            *("--tmpfs", "/run", "--tmpfs", "/run/lock", "--tmpfs", "/tmp:exec"),
            *("--mount", data or "type=volume,destination=/var/lib/docker"),  # no overlay on an overlay
            *("--env", "container=docker", "--env", f"SYSTEMD_PROC_CMDLINE={LEGACY_CGROUPS}", image),
        )
        address = docker("inspect", "--format", "{{.NetworkSettings.IPAddress}}", name).strip()
        host = Host(name, address, self.key, tuple(f"GPU-{uuid.uuid4()}" for _ in range(gpus)))
        wait_for(lambda: "running" in host.run("systemctl is-system-running").stdout, f"{name} to boot", host)
        self._let_in(host)
        if gpus:
            host.put("/etc/fake-gpus", "\n".join(host.gpus))
            host.put("/etc/fake-driver", DRIVER)
            host.said("systemctl start fake-gpu")
        return host

    def remove(self) -> None:
        """End all hosts, with their disks."""
        if self.made:
            docker("rm", "--force", "--volumes", *self.made)
        self.made.clear()

    def _let_in(self, host: Host) -> None:
        public = self.key.with_suffix(".pub").read_text(encoding="utf-8").strip()
        host.put(f"/home/{USER}/.ssh/authorized_keys", public)
        host.said(f"chown -R {USER}: /home/{USER}/.ssh; chmod 0600 /home/{USER}/.ssh/authorized_keys")


@contextmanager
def rig(folder: Path) -> Iterator[Rig]:
    """A rig for the block, with its keys in `folder`."""
    made = Rig(folder)
    try:
        yield made
    finally:
        made.remove()


def host_image(suite: str, target: str, log: Path) -> str:
    """The image of hosts, built where it is not."""
    debian = [archive for archive in archives() if archive.endswith("/debian")]
    base = base_image.ensure(Steps(total=1, log=log), debian, suite)
    image = f"gilfree-test/host:{suite}-{target}"
    docker_build = ["docker", "build", "--quiet", "--target", target, "--build-arg", f"BASE={base}", "--tag", image]
    succeeded(subprocess.run([*docker_build, str(FILES)], capture_output=True, text=True, timeout=600, check=False))
    return image


def wait_for(happened: Callable[[], object], what: str, host: Host, limit_s: float = BOOT_LIMIT_S) -> None:
    """Until `happened()`; AssertionError with what the host's units say when that takes too long."""
    deadline = time.monotonic() + limit_s
    while not happened():
        assert time.monotonic() < deadline, f"waited {limit_s} s for {what}\n{host.run('systemctl --failed').stdout}"
        time.sleep(0.2)


def without_own_settings(environment: dict[str, str] | None = None) -> dict[str, str]:
    """An environment in which Ansible finds no settings but those beside the playbook."""
    found = dict(os.environ if environment is None else environment)
    return {name: value for name, value in found.items() if not name.startswith("ANSIBLE_")}
