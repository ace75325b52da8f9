"""Who may install: root, somebody whom sudo lets, and nobody without having been asked."""

from __future__ import annotations

import os
import platform
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from provisioning.here.permission import NotAllowed, permission
from tests.conftest import ROOT

PROGRAM = """
import os, platform, sys
os.geteuid = lambda: 1000
platform.freedesktop_os_release = lambda: {"ID": "debian", "VERSION_ID": "13"}
from provisioning.here.permission import NotAllowed, permission
try:
    print("WORDS", *permission(["make", "git"], yes=sys.argv[1] == "yes"))
except NotAllowed as reason:
    print("REFUSED", reason)
"""
LETS = "#!/bin/sh\nexit 0\n"
REFUSES = "#!/bin/sh\nexit 1\n"
WANTS_A_PASSWORD = '#!/bin/sh\n[ "$1" != -n ] && read -r password </dev/tty && [ "$password" = secret ]\n'


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A Debian with apt-get and without sudo: the folder that is PATH."""
    (tmp_path / "apt-get").touch(0o755)
    for command in ("sh",):
        (tmp_path / command).symlink_to(f"/bin/{command}")
    return tmp_path


def put_sudo(machine: Path, script: str) -> None:
    (machine / "sudo").write_text(script)
    (machine / "sudo").chmod(0o755)


def ask(machine: Path, yes: str = "ask") -> str:
    """What is said to somebody who is not root and has no terminal."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, yes], env={"PATH": str(machine), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def type_at_terminal(machine: Path, typed: str, yes: str = "ask") -> str:
    """All that is on the terminal of somebody who is not root and types `typed`."""
    pid, terminal = pty.fork()
    if not pid:
        os.execve(sys.executable, [sys.executable, "-c", PROGRAM, yes], {"PATH": str(machine), "PYTHONPATH": str(ROOT)})
    os.write(terminal, typed.encode())
    shown = b""
    while chunk := _read(terminal):
        shown += chunk
    os.waitpid(pid, 0)
    os.close(terminal)
    return shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side has ended
        return b""


def test_without_sudo_nothing_is_installed(machine: Path) -> None:
    assert ask(machine, "yes") == "REFUSED you are not root, and there is no sudo"


def test_without_a_terminal_nobody_is_asked_and_nothing_hangs(machine: Path) -> None:
    put_sudo(machine, LETS)
    assert ask(machine) == "REFUSED there is no terminal to ask you on; with --yes nobody is asked"


def test_yes_needs_no_terminal_if_sudo_asks_nothing(machine: Path) -> None:
    put_sudo(machine, LETS)
    assert ask(machine, "yes") == "WORDS sudo -n"
    put_sudo(machine, WANTS_A_PASSWORD)
    assert ask(machine, "yes") == "REFUSED sudo does not let you"


@pytest.mark.parametrize("answer", ["\n", "y\n", "Yes\n"])
def test_the_question_shows_the_packages_and_takes_a_yes(machine: Path, answer: str) -> None:
    put_sudo(machine, LETS)
    shown = type_at_terminal(machine, answer)
    assert "To install with sudo: make git" in shown
    assert "WORDS sudo -n" in shown


@pytest.mark.parametrize("answer", ["n\n", "what?\n", "\x04"])
def test_all_else_is_a_no(machine: Path, answer: str) -> None:
    put_sudo(machine, LETS)
    assert "REFUSED you did not say yes" in type_at_terminal(machine, answer)


def test_sudo_may_ask_for_a_password_at_a_terminal(machine: Path) -> None:
    put_sudo(machine, WANTS_A_PASSWORD)
    assert "WORDS sudo -n" in type_at_terminal(machine, "y\nsecret\n")
    assert "REFUSED sudo does not let you" in type_at_terminal(machine, "y\nguess\n")
    assert "To install" not in type_at_terminal(machine, "secret\n", "yes")


def test_sudo_may_refuse(machine: Path) -> None:
    put_sudo(machine, REFUSES)
    assert "REFUSED sudo does not let you" in type_at_terminal(machine, "y\n")


def test_root_is_not_asked(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(machine))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "debian"})
    assert permission(["make"], yes=False) == ()
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "arch"})
    with pytest.raises(NotAllowed, match="this is no Debian and no Ubuntu"):
        permission(["make"], yes=True)
