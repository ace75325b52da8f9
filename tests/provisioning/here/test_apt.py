"""Real apt-get and dpkg, on an archive and a system in a folder: what goes well, what is in the way, and Ctrl-C."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from foundation.problem import Problem
from foundation.steps import Steps
from provisioning.here import apt
from tests.conftest import ROOT, need
from tests.foundation.test_steps import Announcing
from tests.provisioning.here.toy_archive import ToyArchive


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ToyArchive:
    need(shutil.which("apt-get") and os.geteuid() == 0, "root on a Debian", "run the tests as root on Debian or Ubuntu")
    made = ToyArchive(tmp_path / "apt")
    made.add("tool")
    monkeypatch.setenv("APT_CONFIG", str(made.settings))
    return made


def install(archive: ToyArchive, *packages: str) -> str:
    """What is on the screen while `packages` are installed."""
    screen = io.StringIO()
    apt.install(packages, (), Steps(1, archive.folder / "log", stream=screen))
    return screen.getvalue()


def refused(archive: ToyArchive, *packages: str) -> Problem:
    with pytest.raises(Problem) as caught:
        install(archive, *packages)
    return caught.value


def test_what_is_needed_is_fetched_and_installed_and_each_part_is_shown(archive: ToyArchive) -> None:
    archive.add("library")
    archive.add("program", depends="library")
    shown = install(archive, "program", "tool")
    assert archive.installed() == {"library": "installed", "program": "installed", "tool": "installed"}
    assert re.findall(r"^\[1/1\] 2 packages by apt-get: (\w+)", shown, re.MULTILINE) == [
        "the",
        "downloading",
        "installing",
    ]


def test_an_archive_that_does_not_answer_is_told_and_is_no_obstacle_if_nothing_is_from_it(archive: ToyArchive) -> None:
    archive.serve_from("http://127.0.0.1:9/gone", f"file:{archive.packages}")  # the discard port: nobody listens
    shown = install(archive, "tool")
    assert archive.installed() == {"tool": "installed"}
    assert "apt-get update complains: Failed to fetch" in shown


def test_no_network_is_called_that(archive: ToyArchive) -> None:
    archive.serve_from("http://127.0.0.1:9/gone")
    problem = refused(archive, "tool")
    assert problem.found.startswith("apt cannot reach its archive:\n")
    assert "then the same command again" in problem.do


def test_a_package_that_no_archive_has_is_named(archive: ToyArchive) -> None:
    problem = refused(archive, "no-such-package")
    assert problem.found == (
        "apt's archives do not have all of these packages:\nUnable to locate package no-such-package"
    )


def test_an_interrupted_dpkg_is_told_with_the_way_out(archive: ToyArchive) -> None:
    (archive.dpkg / "updates" / "0001").write_text("Package: tool\n")
    problem = refused(archive, "tool")
    assert problem.found.startswith("an earlier installation of packages was interrupted")
    assert problem.do.startswith("dpkg --configure --pending\nthen the same command again")


def test_a_package_that_fails_is_told_with_its_last_lines(archive: ToyArchive) -> None:
    archive.add("broken", after_unpacking="echo the reason >&2; exit 3")
    problem = refused(archive, "broken")
    assert problem.found.startswith("apt-get failed; its last lines:\n")
    assert "the reason" in (archive.folder / "log").read_text()


def test_packages_that_do_not_fit_are_called_that(archive: ToyArchive) -> None:
    archive.add("program", depends="not-there")
    assert refused(archive, "program").found.startswith("the packages of this system do not fit together")


@pytest.mark.parametrize(
    "said", ["E: You don't have enough free space in /var/cache/apt/archives/.", "tar: No space left on device"]
)
def test_a_full_disk_is_called_that(said: str, tmp_path: Path) -> None:
    assert apt.problem(said, (), tmp_path).found.startswith("the disk has no room for these packages:")


@contextmanager
def locked_by_another(file: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process holds one of apt's locks; it gives it up when it is sent a line."""
    program = (
        "import fcntl, sys; file = open(sys.argv[1], 'w'); fcntl.lockf(file, fcntl.LOCK_EX); print(flush=True); input()"
    )
    command = [sys.executable, "-c", program, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        holder.stdout.readline()
        yield holder
        holder.communicate("\n")


@pytest.mark.parametrize("lock", ["apt/var/lib/apt/lists/lock", "apt/var/cache/apt/archives/lock", "frontend"])
def test_another_program_that_uses_apt_is_waited_for(
    archive: ToyArchive, lock: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apt, "LOCK_AGAIN_S", 0.05)
    screen = Announcing("waiting for another program that uses apt")
    steps = Steps(1, archive.folder / "log", stream=screen)
    installing = threading.Thread(target=apt.install, args=(["tool"], (), steps))
    with locked_by_another(archive.dpkg / "lock-frontend" if lock == "frontend" else tmp_path / lock):
        installing.start()
        assert screen.seen.wait(30)
        assert archive.installed() == {}
    installing.join(30)
    assert archive.installed() == {"tool": "installed"}


def test_if_that_takes_too_long_it_is_named(archive: ToyArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt, "LOCK_WAIT_S", 0.0)
    with locked_by_another(archive.dpkg / "lock-frontend") as holder:
        problem = refused(archive, "tool")
    assert problem.found.startswith("another program uses apt:\n")
    assert f"process {holder.pid}" in problem.found


PROGRAM = """
import sys
from pathlib import Path
from foundation.steps import Steps
from provisioning.here import apt
try:
    apt.install(sys.argv[2:], (), Steps(1, Path(sys.argv[1])))
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_ctrl_c_while_packages_are_installed_waits_until_they_are(archive: ToyArchive, tmp_path: Path) -> None:
    begun, go_on = tmp_path / "begun", tmp_path / "go on"
    os.mkfifo(begun)
    os.mkfifo(go_on)
    archive.add("slow", after_unpacking=f"echo yes >'{begun}'; read -r _ <'{go_on}'")
    command = [sys.executable, "-c", PROGRAM, str(archive.folder / "log"), "slow"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as running:
        begun.read_text()  # blocks until the package is being installed
        running.send_signal(signal.SIGINT)
        assert running.stderr
        while "interrupted: apt finishes first" not in running.stderr.readline():
            pass
        running.send_signal(signal.SIGINT)  # somebody impatient
        go_on.write_text("now\n")
        running.communicate()
    assert running.returncode == 130
    assert archive.installed() == {"slow": "installed"}


def test_ctrl_c_while_something_is_fetched_ends_it_at_once(archive: ToyArchive, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        archive.serve_from(f"http://127.0.0.1:{silent.getsockname()[1]}/")
        command = [sys.executable, "-c", PROGRAM, str(archive.folder / "log"), "tool"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "http_proxy": ""}
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as running:
            connection, _ = silent.accept()  # apt is waiting for an answer
            running.send_signal(signal.SIGINT)
            running.communicate()
            assert connection.recv(100_000)
            assert connection.recv(1) == b""  # whoever asked has ended
            connection.close()
    assert running.returncode == 130
    assert archive.installed() == {}
