"""Disk, inodes, memory, clock and expiry of hosts that are wrong in one way each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from checks.environment.fresh import Ran
from checks.suite import Failed, Found, Skipped
from provisioning.hosts.checks.system import clock, disk, expiry, inodes, memory
from tests.provisioning.hosts.checks.fakes import FakeOutside, subject_of

GIB = 1 << 30
NOW = 1_800_000_000.0
END = datetime.fromtimestamp(NOW + 36_000, UTC).isoformat()


def test_room_on_the_disk_is_counted_where_the_engine_keeps_its_things() -> None:
    head = "Mounted on     Avail\n"
    assert disk.run(subject_of({"df ": f"{head}/data {30 * GIB}\n"})) == "30.0 GiB free at /data"
    with pytest.raises(Failed, match=r"9\.0 GiB free at /data"):
        disk.run(subject_of({"df ": f"{head}/data {9 * GIB}\n"}))
    cpu: dict[str, Any] = {"lab_image": "gilfree/lab:3.13t-cpu"}  # a tenth of the other
    assert disk.run(subject_of({"df ": f"{head}/data {4 * GIB}\n"}, **cpu)) == "4.0 GiB free at /data"
    with pytest.raises(Failed, match=r"2\.0 GiB free at /data"):
        disk.run(subject_of({"df ": f"{head}/data {2 * GIB}\n"}, **cpu))
    with pytest.raises(Failed, match="Stale file handle"):
        disk.run(subject_of({"df ": Ran(1, "", "df: /data: Stale file handle")}))


def test_inodes_are_counted_where_a_file_system_has_a_number_of_them() -> None:
    head = "Mounted on IFree Inodes\n"
    assert inodes.run(subject_of({"df ": f"{head}/ 900000 1000000\n"})) == "900000 files at /"
    assert inodes.run(subject_of({"df ": f"{head}/ 0 0\n"})) == "without limit at /"
    assert inodes.run(subject_of({"df ": f"{head}/ - -\n"})) == "without limit at /"
    with pytest.raises(Failed, match="1000 files can be made at /"):
        inodes.run(subject_of({"df ": f"{head}/ 1000 1000000\n"}))


def meminfo(total: int, available: int) -> dict[str, str | Ran]:
    return {"/proc/meminfo": f"MemTotal: {total // 1024} kB\nMemFree: 1 kB\nMemAvailable: {available // 1024} kB\n"}


def test_memory_is_for_the_seats_of_the_host() -> None:
    subject = subject_of(meminfo(9 * GIB, 8 * GIB), sessions=8)
    enough = Found("8.0 GiB available of 9.0 GiB, for 8 seats", {"total_bytes": 9 * GIB})
    assert memory.run(subject) == enough
    with pytest.raises(Failed, match=r"9\.0 GiB for 9 seats"):
        memory.run(subject_of(meminfo(9 * GIB, 8 * GIB), sessions=9))
    with pytest.raises(Failed, match=r"0\.5 GiB available of 9\.0 GiB"):
        memory.run(subject_of(meminfo(9 * GIB, GIB // 2), sessions=1))


@pytest.mark.parametrize(("there", "said"), [(NOW - 90, "90 s behind"), (NOW + 90, "90 s ahead of")])
def test_a_wrong_clock_says_by_how_much_and_which_way(there: float, said: str) -> None:
    with pytest.raises(Failed, match=said):
        clock.run(subject_of({"date": f"{there}\n"}))


def test_a_right_clock_passes() -> None:
    assert clock.run(subject_of({"date": f"{NOW + 2}\n"})) == "within 2.0 s of this machine's"


def timer(state: str, fires: float, *, poweroff: bool = True) -> dict[str, str | Ran]:
    return {"systemctl show": f"{state}\n{int(poweroff)}\n{int(fires)}\n"}


@pytest.mark.parametrize(("poweroff", "said"), [(True, "the host is off then"), (False, "the host stays on")])
def test_an_armed_end_says_when_and_what_becomes_of_the_host(poweroff: bool, said: str) -> None:
    answers = timer("active", NOW + 36_010, poweroff=poweroff)
    found = expiry.run(subject_of(answers, poweroff=poweroff, expires=END))
    assert isinstance(found, Found)
    assert f"in 10.0 h; {said}" in found.text


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (timer("inactive", NOW + 36_000), "workshop-expiry.timer is inactive"),
        ({"systemctl show": Ran(1, "active\n0\n", "date: invalid date")}, "never fires"),
        (timer("active", NOW + 72_000), "workshop-expiry.timer fires at 20"),
        (timer("active", NOW + 36_000, poweroff=False), "the host stays on at the end"),
    ],
)
def test_an_end_that_is_not_armed_as_wanted_is_a_fault(answers: dict[str, str | Ran], said: str) -> None:
    with pytest.raises(Failed, match=said):
        expiry.run(subject_of(answers, poweroff=True, expires=END))


def test_a_host_that_would_go_off_against_its_owners_will_is_a_fault() -> None:
    with pytest.raises(Failed, match="the host goes off at the end"):
        expiry.run(subject_of(timer("active", NOW + 36_000), expires=END))


def test_an_end_in_the_past_is_a_fault_and_one_that_nobody_wants_is_not() -> None:
    with pytest.raises(Failed, match="the end was"):
        expiry.run(subject_of(timer("active", NOW), FakeOutside(clock=NOW + 40_000), expires=END))
    with pytest.raises(Skipped, match="workshop_expires is not set"):
        expiry.run(subject_of({}))
