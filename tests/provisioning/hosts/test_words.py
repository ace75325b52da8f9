from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.problem import INTERRUPTED, ExitCode
from foundation.processes import PROC
from provisioning.here.place import CLONE
from provisioning.hosts.command import COMMANDS
from provisioning.hosts.words import LOCKS, parse


def workshop(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, CLONE / "workshop", "provision", *words],
        env={**os.environ, "WORKSHOP_STATE": str(folder / "state")},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_every_command_does_something() -> None:
    listed = subprocess.run(
        [sys.executable, CLONE / "workshop", "provision", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert [name for name in COMMANDS if f"\n    {name} " not in listed] == []
    assert LOCKS.keys() <= COMMANDS.keys()


@pytest.mark.parametrize("words", [(), ("--help",)])
def test_the_help_says_how_to_begin(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = workshop(tmp_path, *words)
    assert done.returncode == ExitCode.PASS
    assert "cp provisioning/ansible/hosts.example.yml hosts.yml" in done.stdout


@pytest.mark.parametrize("words", [("aply",), ("plan", "--inventroy", "x"), ("extend",), ("create",)])
def test_what_is_mistyped_is_told_before_anything_is_installed_or_made(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = workshop(tmp_path, *words)
    assert done.returncode == ExitCode.USAGE
    assert "usage: workshop provision" in done.stderr
    assert not (tmp_path / "state").exists()


def test_without_an_inventory_the_way_to_one_is_told(tmp_path: Path) -> None:
    done = workshop(tmp_path, "plan")
    assert done.returncode == ExitCode.USAGE
    assert "do this:  cp provisioning/ansible/hosts.example.yml hosts.yml" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_ansible_too_and_says_how_to_go_on(tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(
        "workshop_hosts: {hosts: {a: {ansible_host: 127.0.0.1, workshop_name: pycon,"
        " ansible_ssh_common_args: -o ProxyCommand='sleep 60'}}}\n"  # a host that takes its time
    )
    command = [sys.executable, "-P", "-m", "provisioning.hosts", "apply", "-i", str(inventory)]
    environment = {**os.environ, "PYTHONPATH": str(CLONE), "WORKSHOP_STATE": str(tmp_path / "state")}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stderr
        assert any("Gathering Facts" in line for line in run.stderr)
        run.send_signal(signal.SIGINT)
        said = run.stderr.read()
    assert run.returncode == INTERRUPTED
    assert "interrupted: nothing runs on here, the same command goes on from there" in said
    assert "Traceback" not in said
    assert [each for each in PROC.glob("[0-9]*") if str(inventory).encode() in cmdline(each)] == []


def cmdline(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def test_words_and_options_may_be_mixed() -> None:
    options = parse(["check", "host.gpu", "-i", "hosts.yml", "--ignore", "host.clock", "--json"])
    assert (options.codes, options.inventory, options.ignore) == (["host.gpu"], Path("hosts.yml"), ["host.clock"])
