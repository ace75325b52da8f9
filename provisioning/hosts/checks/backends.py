"""A host through testinfra, whatever leads to it: local, docker, ssh or ansible; and the network as it is seen here."""

from __future__ import annotations

import shlex
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import testinfra

from checks.environment.fresh import Ran
from provisioning.hosts.checks.host import COMMAND_LIMIT_S, Door, Unreachable

KNOCK_LIMIT_S = 3.0
TUNNEL_LIMIT_S = 15.0
_KILL_AFTER_S = 2
_TIMED_OUT = (124, 128 + 9)  # timeout(1) ended it, by TERM or by KILL
_NO_COMMAND = 255  # what ssh says where it got nowhere


@dataclass(frozen=True)
class TestinfraHost:
    """The host that `spec` names in testinfra's words. `sockets`: a folder for ssh's shared connections."""

    __test__ = False  # its name is no test's

    spec: str
    sockets: Path

    def run(self, command: str, limit_s: float = COMMAND_LIMIT_S) -> Ran:
        """How `command` ended when root's sh ran it there; its code is None past `limit_s`."""
        line = f"timeout --kill-after={_KILL_AFTER_S} {limit_s:g} sh -c {shlex.quote(command)}"
        done = self._said(line if self._is_root else f"sudo -n {line}")
        return Ran(None if done.rc in _TIMED_OUT else done.rc, done.stdout, done.stderr)

    @contextmanager
    def tunnel(self, port: int) -> Iterator[int]:
        """For the block, a port of 127.0.0.1 here that leads to `port` of 127.0.0.1 there: itself, or one by ssh."""
        if self._backend.NAME == "local":
            yield port
            return
        if self._backend.NAME != "ssh":
            raise Unreachable(f"found no tunnel to a host by {self._backend.NAME}: ssh makes them")
        with socket.socket() as chosen:
            chosen.bind(("127.0.0.1", 0))
            own = int(chosen.getsockname()[1])
        forward = ["-N", "-o", "ExitOnForwardFailure=yes", "-L", f"127.0.0.1:{own}:127.0.0.1:{port}"]
        with subprocess.Popen(
            [*_ssh_words(self._backend), *forward, self._backend.host.name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as ssh:
            try:
                _wait_for_tunnel(ssh, own)
                yield own
            finally:
                ssh.terminate()

    @cached_property
    def _backend(self) -> Any:
        """testinfra's backend; of an inventory's host, the one that its variables amount to."""
        backend = testinfra.get_host(self.spec, controlpath=f"{self.sockets}/%%C").backend
        if backend.NAME != "ansible":
            return backend
        try:
            known = backend.ansible_runner.get_hosts()
            found = backend.ansible_runner.get_host(backend.host)
        except (AssertionError, RuntimeError, ValueError) as error:
            raise Unreachable(f"ansible-inventory cannot read {backend.ansible_inventory}") from error
        if backend.host not in known:  # ansible only warns of a file that it cannot read
            raise Unreachable(f"ansible-inventory cannot read a host {backend.host} in {backend.ansible_inventory}")
        if found is None:
            return backend
        if found.backend.NAME == "ssh" and not found.backend.controlpath:
            found.backend.controlpath = f"{self.sockets}/%%C"
        return found.backend

    @cached_property
    def _is_root(self) -> bool:
        return str(self._said("id -u").stdout).strip() == "0"

    def _said(self, line: str) -> Any:
        """testinfra's result of `line`."""
        try:
            done = self._backend.run(line)
        except (RuntimeError, OSError) as error:  # testinfra's way to say that ssh failed
            result = error.args[0] if error.args else error
            raise Unreachable(_last_line(str(getattr(result, "stderr", result)))) from error
        if self._backend.NAME == "docker" and done.rc != 0 and "Error response from daemon" in done.stderr:
            raise Unreachable(_last_line(done.stderr))
        if done.rc == _NO_COMMAND:
            raise Unreachable(_last_line(done.stderr))
        return done


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no word of why"])[-1].strip()


def _ssh_words(backend: Any) -> list[str]:
    """ssh with the options that testinfra's ssh `backend` uses, on a connection of its own."""
    words = ["ssh", *shlex.split(backend.ssh_extra_args or ""), "-o", "ControlPath=none", "-o", "BatchMode=yes"]
    for option, value in (("-F", backend.ssh_config), ("-i", backend.ssh_identity_file)):
        words += [option, str(value)] if value else []
    for option, value in (("User", backend.host.user), ("Port", backend.host.port)):
        words += ["-o", f"{option}={value}"] if value else []
    return words


def _wait_for_tunnel(ssh: subprocess.Popen[bytes], port: int) -> None:
    """Until something listens on `port`. Raises Unreachable if ssh ends before, or is late."""
    deadline = time.monotonic() + TUNNEL_LIMIT_S
    while Network().knock("127.0.0.1", port) is not Door.OPEN:
        if ssh.poll() is not None or time.monotonic() > deadline:
            ssh.terminate()
            said = ssh.stderr.read().decode(errors="replace") if ssh.stderr else ""
            raise Unreachable(f"no tunnel: {_last_line(said)}")
        time.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Network:
    """The network, from this machine."""

    limit_s: float = KNOCK_LIMIT_S

    def knock(self, address: str, port: int) -> Door:
        """What a TCP connection to `address`:`port` meets. An address that no name server knows is silent."""
        try:
            socket.create_connection((address, port), timeout=self.limit_s).close()
        except ConnectionRefusedError:
            return Door.REFUSED
        except OSError:
            return Door.SILENT
        return Door.OPEN

    def now(self) -> float:
        """Seconds since the epoch by this machine's clock."""
        return time.time()
