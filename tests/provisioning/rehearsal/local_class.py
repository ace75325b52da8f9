"""A hub for a whole class without containers: each session is a process of this user, with a home of its own.

For tests of the rehearsal and for `./workshop bench hub`. With `stock` it is JupyterHub and JupyterLab as they come: no
queue, no settings of ours, no lighter start.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from foundation.processes import Process, end_marked, marked
from hub.seats import Seats
from images.lab import kernels
from provisioning.here import instance
from provisioning.here.place import Place, clean_environment
from provisioning.here.session import session_environment
from provisioning.rehearsal.organiser import Access
from tests.bench import cpu
from tests.conftest import ROOT
from tests.driven_workshop import free_port

SETTINGS = Path(__file__).with_name("local_class_settings.py")
MARK = instance.MARK
GRACE_S = 5.0


@dataclass(frozen=True)
class LocalClass:
    """A running one."""

    state: Path
    port: int

    @property
    def url(self) -> str:
        """Where browsers find it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def seats(self) -> Seats:
        """Who may come in."""
        return Seats(self.state / "hub")

    def access(self, attendees: int) -> Access:
        """What a rehearsal with so many attendees needs."""
        return Access(self.url, self.seats.instructor_password, self.seats.rehearse(attendees, anyway=True))

    @contextmanager
    def starts_held(self) -> Iterator[None]:
        """Within the block sessions that are asked for do not start yet."""
        held = self.state / "held"
        held.touch()
        try:
            yield
        finally:
            held.unlink()

    @property
    def homes(self) -> list[str]:
        """Whose homes there are."""
        return sorted(path.name for path in (self.state / "homes").iterdir())

    @property
    def processes(self) -> list[Process]:
        """Hub, proxy, sessions, kernels."""
        return marked(MARK, str(self.state))

    def cpu_s(self) -> float:
        """CPU-seconds of all of them so far, and of what they started and has ended."""
        return sum(cpu.of_process(each) for each in self.processes)

    @property
    def sessions(self) -> list[Process]:
        """The sessions' servers."""
        return [each for each in self.processes if "singleuser" in each.command or "images.lab.server" in each.command]


@contextmanager
def local_class(state: Path, lab_python: Path, *, stock: bool = False, **settings: str) -> Iterator[LocalClass]:
    """One that answers; ended, with all its sessions, when the block ends."""
    place = Place(state, state / "home")
    place.make()
    place.remember_lab_python(lab_python)
    kernels.install(lab_python, ROOT, place.jupyter)
    (state / "homes").mkdir(exist_ok=True)
    made = LocalClass(state, free_port())
    ports = ",".join(map(str, (made.port, free_port(), free_port())))
    own = {MARK: str(state), "WORKSHOP_PORTS": ports, "PYTHONPATH": str(ROOT), "CLASS_IS_STOCK": "yes" if stock else ""}
    base = clean_environment() if stock else session_environment(place, lab_python)
    found = {"JUPYTER_PATH": str(place.jupyter), "JUPYTER_RUNTIME_DIR": str(state / "runtime")}
    with place.log.open("ab") as log:
        hub = subprocess.Popen(
            [sys.executable, "-P", "-m", "jupyterhub", "-f", SETTINGS],
            cwd=place.hub, env={**base, **found, **own, **settings}, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        _wait(place, made, hub)
        yield made
    finally:
        end_marked(MARK, str(state), GRACE_S)
        hub.wait()


def _wait(place: Place, made: LocalClass, hub: subprocess.Popen[bytes]) -> None:
    while not instance.answers(made.port):
        assert hub.poll() is None, place.log.read_text()[-4000:]
        try:
            hub.wait(0.1)
        except subprocess.TimeoutExpired:
            continue


def main(state: Path, attendees: int) -> None:
    """By hand: `python -m tests.provisioning.rehearsal.local_class DIR N` runs one until Enter; prints the access."""
    python = Place.from_environment().lab_python()
    assert python is not None
    with local_class(state.absolute(), python, stock=bool(os.environ.get("STOCK"))) as made:
        access = made.access(attendees)
        print(made.url, json.dumps({"instructor": access.instructor, "seats": dict(access.seats)}), flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
