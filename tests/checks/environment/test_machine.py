from __future__ import annotations

from pathlib import Path

import pytest

from checks.environment.machine import GIB, LinuxMachine, Machine
from tests.checks.environment.fakes import FakeMachine


def tree(root: Path, **files: str) -> LinuxMachine:
    """A machine whose files (slashes written as double underscores) are below `root`."""
    meminfo = {"proc__meminfo": "MemTotal: 16777216 kB\nMemAvailable: 8388608 kB\n"}
    for name, text in {**meminfo, **files}.items():
        file = root / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return LinuxMachine(root)


def write(root: Path, file: str, text: str) -> None:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(text)


@pytest.mark.parametrize("machine", [LinuxMachine(), FakeMachine()], ids=["real", "fake"])
def test_every_machine_answers_in_the_units_of_the_protocol(machine: Machine, tmp_path: Path) -> None:
    assert machine.affinity() >= 1
    assert machine.cpu_quota() is None or float(str(machine.cpu_quota())) > 0
    assert machine.memory_available() > 1 << 20
    assert machine.disk_free(tmp_path / "not" / "yet" / "there") > 0


def test_without_control_groups_there_is_no_limit(tmp_path: Path) -> None:
    machine = tree(tmp_path)
    assert machine.cpu_quota() is None
    assert machine.memory_available() == 8 * GIB


def test_a_containers_memory_limit_counts_if_it_leaves_less(tmp_path: Path) -> None:
    machine = tree(tmp_path, proc__self__cgroup="0::/\n")
    write(tmp_path, "sys/fs/cgroup/memory.max", str(2 * GIB))
    write(tmp_path, "sys/fs/cgroup/memory.current", str(GIB))
    assert machine.memory_available() == GIB


def test_an_unlimited_container_of_version_1_has_the_machines_memory(tmp_path: Path) -> None:
    machine = tree(tmp_path, proc__self__cgroup="3:memory:/\n")
    write(tmp_path, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    write(tmp_path, "sys/fs/cgroup/memory/memory.usage_in_bytes", "1000\n")
    assert machine.memory_available() == 8 * GIB
