from __future__ import annotations

import sys
from pathlib import Path

import pytest

from checks.environment.machine import (
    DISK_NEEDED,
    GIB,
    MEMORY_NEEDED,
    LinuxMachine,
    Machine,
    disk,
    memory,
    usable_cores,
)
from checks.suite import Failed, Inconclusive
from tests.checks.environment.fakes import BrokenMachine, FakeMachine, environment_of

PYTHON = Path(sys.executable)


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
    assert 1 <= usable_cores(machine) <= machine.affinity()


def test_without_control_groups_there_is_no_limit(tmp_path: Path) -> None:
    machine = tree(tmp_path)
    assert machine.cpu_quota() is None
    assert machine.memory_available() == 8 * GIB


def test_a_quota_of_version_2_is_the_narrowest_on_the_way_up(tmp_path: Path) -> None:
    machine = tree(tmp_path, proc__self__cgroup="0::/user.slice/session\n")
    write(tmp_path, "sys/fs/cgroup/user.slice/session/cpu.max", "max 100000\n")
    write(tmp_path, "sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n")
    assert machine.cpu_quota() == 1.5


def test_a_quota_of_version_1_is_found_in_a_container_that_sees_the_hosts_path(tmp_path: Path) -> None:
    machine = tree(tmp_path, proc__self__cgroup="4:cpu,cpuacct:/docker/0f3a\n3:memory:/docker/0f3a\n0::/\n")
    write(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "250000\n")
    write(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n")
    assert machine.cpu_quota() == 2.5


def test_no_quota_of_version_1_is_written_as_minus_one(tmp_path: Path) -> None:
    machine = tree(tmp_path, proc__self__cgroup="4:cpu,cpuacct:/\n")
    write(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n")
    write(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n")
    assert machine.cpu_quota() is None


def test_a_containers_memory_limit_counts_and_cached_files_do_not(tmp_path: Path) -> None:
    machine = tree(tmp_path, proc__self__cgroup="0::/\n")
    write(tmp_path, "sys/fs/cgroup/memory.max", str(2 * GIB))
    write(tmp_path, "sys/fs/cgroup/memory.current", str(GIB))
    write(tmp_path, "sys/fs/cgroup/memory.stat", f"anon 1\ninactive_file {GIB // 2}\n")
    assert machine.memory_available() == GIB + GIB // 2


def test_an_unlimited_container_of_version_1_has_the_machines_memory(tmp_path: Path) -> None:
    machine = tree(tmp_path, proc__self__cgroup="3:memory:/\n")
    write(tmp_path, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    write(tmp_path, "sys/fs/cgroup/memory/memory.usage_in_bytes", "1000\n")
    assert machine.memory_available() == 8 * GIB


@pytest.mark.parametrize(
    ("cores", "quota", "expected"), [(4, None, 4), (4, 2.5, 2), (4, 8.0, 4), (4, 0.5, 1), (1, None, 1)]
)
def test_a_quota_cuts_the_usable_cores_but_never_to_none(cores: int, quota: float | None, expected: int) -> None:
    assert usable_cores(FakeMachine(cores=cores, quota=quota)) == expected


def test_enough_passes_with_the_figure_and_less_fails_with_what_is_needed(tmp_path: Path) -> None:
    enough = environment_of(PYTHON, tmp_path, machine=FakeMachine(memory=MEMORY_NEEDED, disk=DISK_NEEDED))
    assert memory.run(enough) == "1.0 GiB available"
    assert disk.run(enough) == f"0.5 GiB free at {tmp_path}"
    short = environment_of(PYTHON, tmp_path, machine=FakeMachine(memory=MEMORY_NEEDED - 1, disk=0))
    with pytest.raises(Failed) as failed:
        memory.run(short)
    assert failed.value.expected == "1.0 GiB or more"
    with pytest.raises(Failed, match=r"0\.0 GiB free at"):
        disk.run(short)


def test_what_cannot_be_read_cannot_be_checked(tmp_path: Path) -> None:
    broken = environment_of(PYTHON, tmp_path, machine=BrokenMachine())
    with pytest.raises(Inconclusive, match="/proc is not mounted"):
        memory.run(broken)
    with pytest.raises(Inconclusive, match="stale file handle"):
        disk.run(broken)
