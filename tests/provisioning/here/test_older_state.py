"""`./workshop up` on a state folder of version 0.1, whose hub was killed while a session ran: all of it is still good.

tests/fixtures/state_folder_0_1 is what that version wrote. @NAMES@ in it stand for what each machine has of its own.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from jupyter_client.manager import start_new_kernel

from labs import catalogue
from labs.attendee.workspace import Workspace
from provisioning.here.place import CLONE
from tests.conftest import ROOT
from tests.driven_workshop import DrivenWorkshop, driven_workshop

FIXTURE = ROOT / "tests" / "fixtures" / "state_folder_0_1"
CODE = "a-code-of-the-fixture-that-nobody-has-used-yet"
SESSION_LIMIT_S = 120
EDITED, UNTOUCHED = catalogue.find("01"), catalogue.find("02")


@dataclass(frozen=True)
class Updated:
    """A workshop that runs on the old state folder, and what `up` said."""

    workshop: DrivenWorkshop
    said: str
    old_runtime: Path

    @property
    def home(self) -> Path:
        return self.workshop.state / "home"

    @property
    def space(self) -> Workspace:
        return Workspace(self.home)


@pytest.fixture(scope="module")
def updated(tmp_path_factory: pytest.TempPathFactory, lab_python: Path) -> Iterator[Updated]:
    folder = tmp_path_factory.mktemp("older")
    with driven_workshop(folder / "state") as workshop:
        runtime = folder / "runtime"
        runtime.mkdir()
        restore(workshop, runtime, clone=folder / "clone-of-then")
        done = workshop.run("up", "--detach")
        assert done.returncode == 0, done.stderr
        yield Updated(workshop, done.stdout, runtime)


def restore(workshop: DrivenWorkshop, runtime: Path, clone: Path) -> None:
    """Make the state folder as the old version left it, for a workshop on this one's port."""
    shutil.copytree(FIXTURE, workshop.state)
    meant = {"@PORT@": workshop.port, "@RUNTIME@": runtime, "@CLONE@": clone, "@LAB_PYTHON@": clone / "gone" / "python"}
    for file in filter(Path.is_file, workshop.state.rglob("*")):
        text = file.read_text()
        for name, value in meant.items():
            text = text.replace(name, str(value))
        file.write_text(text)
    dump = workshop.state / "hub" / "jupyterhub.sql"
    with sqlite3.connect(dump.with_suffix(".sqlite")) as database:
        database.executescript(dump.read_text())
    database.close()
    dump.unlink()
    (workshop.state / "hub" / "cookie_secret").chmod(0o600)


def test_the_port_is_remembered(updated: Updated) -> None:
    assert updated.workshop.link(updated.said)


@pytest.mark.parametrize("kernel", ["gilfree", "gilfree-gil"])
def test_the_kernels_lead_to_where_the_code_is_now(updated: Updated, lab_python: Path, kernel: str) -> None:
    spec = json.loads((updated.workshop.state / "jupyter" / "kernels" / kernel / "kernel.json").read_text())
    assert spec["argv"][-1] == "--ext=labs.attendee.notebook"
    assert str(lab_python) in spec["argv"]
    assert spec["env"] == {"PYTHONPATH": str(CLONE)}


def test_a_kernel_has_the_magics(updated: Updated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(updated.workshop.state / "jupyter"))
    monkeypatch.setenv("WORKSHOP_HOME", str(updated.home))
    manager, client = start_new_kernel(kernel_name="gilfree", cwd=str(updated.home / EDITED.name))
    said: list[str] = []
    try:
        answer = client.execute_interactive(
            "print(*({'check', 'hint'} & set(get_ipython().magics_manager.magics['line'])))",
            timeout=60,
            output_hook=lambda message: said.append(message["content"].get("text", "")),
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert answer["content"]["status"] == "ok"
    assert set("".join(said).split()) == {"check", "hint"}


def test_edits_are_kept_and_all_else_is_as_it_is_handed_out_now(updated: Updated) -> None:
    before = FIXTURE / "home" / EDITED.name / EDITED.attendee_file
    assert before.read_text().endswith("# mine\n")
    assert updated.space.exercise(EDITED).read_bytes() == before.read_bytes()
    for lab in catalogue.labs():
        if lab.name != EDITED.name:
            assert updated.space.exercise(lab).read_bytes() == lab.exercise.read_bytes()


def test_results_are_kept_and_go_on(updated: Updated) -> None:
    before = updated.space.record(EDITED)
    assert (before.attempts, before.hints_shown, before.last_status, before.is_passed) == (1, 1, "pass", True)
    assert updated.space.record(UNTOUCHED).last_status == "fail"
    assert updated.workshop.run("lab", "check", EDITED.number).returncode == 0
    after = updated.space.record(EDITED)
    assert (after.attempts, after.hints_shown, after.passed_at) == (2, 1, before.passed_at)


def test_a_link_that_was_made_before_logs_in_and_a_session_starts(updated: Updated) -> None:
    """The database still says that one runs, by a pid that is somebody else's now."""
    attendee, base = requests.Session(), f"http://127.0.0.1:{updated.workshop.port}"
    assert attendee.get(f"{base}/hub/login?code={CODE}", timeout=60).status_code == 200
    deadline = time.monotonic() + SESSION_LIMIT_S
    while attendee.get(f"{base}/user/attendee/api", timeout=60).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert any("images.lab.server" in process.command for process in updated.workshop.processes)


def test_a_new_link_logs_in_too(updated: Updated) -> None:
    status = updated.workshop.run("status")
    assert requests.get(updated.workshop.link(status.stdout), timeout=60).status_code == 200


def test_what_the_killed_hub_left_is_cleared_away(updated: Updated) -> None:
    assert not updated.old_runtime.exists()
    record = json.loads((updated.workshop.state / "hub" / "running.json").read_text())
    assert record["pid"] in {process.pid for process in updated.workshop.processes}
