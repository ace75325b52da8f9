"""One running workshop on this machine: what is recorded of it, how it is started, and how all of it is ended."""

from __future__ import annotations

import http.client
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from foundation import files
from foundation.lock import Taken, locked_at_once
from foundation.problem import Problem
from foundation.processes import Process, end, end_marked, marked, process
from provisioning.here.place import Place

MARK = "WORKSHOP_INSTANCE"
ANSWER_LIMIT_S = 120.0
ASK_AGAIN_S = 0.1
HUB_GRACE_S = 15.0
REST_GRACE_S = 3.0
LAST_LINES = 15


@dataclass(frozen=True, slots=True)
class Record:
    """What is written down of a started hub. `started` tells its process from a later one with the same pid."""

    port: int
    hub_port: int
    pid: int
    started: int
    runtime: str

    @property
    def hub(self) -> Process | None:
        """The hub's process; None if it has ended."""
        found = process(self.pid)
        return found if found and found.started == self.started else None


def record(place: Place) -> Record | None:
    """The last hub that was started here and not taken down; None if there is none."""
    try:
        return Record(**json.loads(_record_file(place).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def running(place: Place) -> Record | None:
    """The record of the hub that runs now, or None."""
    found = record(place)
    return found if found and found.hub else None


def processes(place: Place) -> list[Process]:
    """All processes of this instance: hub, proxy, JupyterLab, kernels, terminals and what was started in them."""
    return marked(MARK, str(place.state))


@contextmanager
def alone(place: Place) -> Iterator[None]:
    """Keep every other `up` and `down` of this state folder out. Raises Problem if one is at work."""
    with ExitStack() as stack:
        try:
            stack.enter_context(locked_at_once(place.state / "lock", name=str(os.getpid())))
        except Taken as taken:
            raise Problem(
                f"another ./workshop up or down is at work on {place.state} (pid {taken.by})",
                expected="one at a time",
                do="wait until it has ended, then: ./workshop status",
            ) from None
        yield


def start(place: Place, port: int, private_ports: list[int], environment: Mapping[str, str]) -> Record:
    """Start the hub in a session of its own and record it. `environment` is what JupyterLab and the kernels get."""
    runtime = make_runtime_folder()
    ports = ",".join(map(str, [port, *private_ports]))
    own = {MARK: str(place.state), "WORKSHOP_PORTS": ports, "JUPYTER_RUNTIME_DIR": runtime}
    with suppress(FileNotFoundError):
        place.log.replace(place.log.with_name("hub.log.before"))
    for private in (place.log, place.hub / "jupyterhub.sqlite"):
        private.touch(mode=0o600)
    with place.log.open("ab") as log:
        hub = subprocess.Popen(
            [place.venv_python, "-P", "-m", "jupyterhub", "-f", place.clone / "hub" / "local_settings.py"],
            cwd=place.hub,
            env={**environment, **own},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    found = process(hub.pid)
    started = Record(port, private_ports[0], hub.pid, found.started if found else 0, runtime)
    files.write(_record_file(place), json.dumps(asdict(started)))
    return started


def make_runtime_folder() -> str:
    """A private folder with a short path (TMPDIR may be long): the kernels' sockets in it may have 107 characters."""
    return tempfile.mkdtemp(prefix="gilfree-", dir="/tmp")


def wait_for_answer(place: Place, started: Record, limit_s: float = ANSWER_LIMIT_S) -> None:
    """Return when the login page answers. Raises Problem if the hub ends before, or does not answer in time."""
    deadline = time.monotonic() + limit_s
    while not (answers(started.hub_port) and answers(started.port)):  # before the hub the proxy has nowhere to go
        if started.hub is None:
            raise Problem(
                f"the hub ended while it started; its last lines:\n{last_lines(place.log)}",
                expected="a hub that answers",
                do=f"read its log: {place.log}",
            )
        if time.monotonic() > deadline:
            raise Problem(
                f"the hub did not answer within {limit_s:.0f} s; its last lines:\n{last_lines(place.log)}",
                expected=f"an answer from 127.0.0.1:{started.port}",
                do=f"read its log: {place.log}",
            )
        time.sleep(ASK_AGAIN_S)


def answers(port: int) -> bool:
    """Whether the hub answers behind the proxy on `port`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/hub/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_for_end(started: Record) -> None:
    """Return when the hub has ended, whoever ended it."""
    try:
        handle = os.pidfd_open(started.pid)
    except ProcessLookupError:
        return
    try:
        if started.hub:
            select.select([handle], [], [])
    finally:
        os.close(handle)


def stop(place: Place) -> list[Process]:
    """End the hub, then all the rest; returns what was running. Raises Problem if something could not be ended.

    Guarantees: nothing of the instance is left that could disturb the next start, whatever state it was found in.
    """
    found = processes(place)
    current = record(place)
    _record_file(place).unlink(missing_ok=True)  # first: an `up` that waits for the hub sees that it was asked to end
    if current and current.hub:
        end([current.hub], HUB_GRACE_S)
    left = end_marked(MARK, str(place.state), REST_GRACE_S)
    if left:
        raise Problem(
            "these processes did not end:\n" + "\n".join(f"{each.pid} {each.command[:80]}" for each in left),
            expected="none left after SIGKILL",
            do="kill -9 " + " ".join(str(each.pid) for each in left),
        )
    if current:
        shutil.rmtree(current.runtime, ignore_errors=True)
    (place.hub / "proxy.pid").unlink(missing_ok=True)
    return found


def last_lines(log: Path) -> str:
    """The end of `log`, for a message."""
    with suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])
    return "(no log)"


def _record_file(place: Place) -> Path:
    return place.hub / "running.json"
