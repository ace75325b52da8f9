"""`provision seats`, from a roster and an inventory to files and what is said; the host that is asked is this one."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from foundation.model import Report, Result, Status
from foundation.problem import ExitCode, Problem
from provisioning.hosts import inventory, seats
from provisioning.hosts.expectations import expectations
from provisioning.hosts.inventory import Inventory
from provisioning.hosts.seating import FOLDER, hand_out, places, room_of, seats_on
from tests.conftest import need

TWO = {
    "gpu-1": {"ansible_host": "192.0.2.11", "workshop_gpu_slots": "GPU-a*2,GPU-b*2@6000"},
    "gpu-2": {"ansible_host": "192.0.2.12", "workshop_gpu_slots": "GPU-c,MIG-d"},
}
ONE = {"gpu-1": {"ansible_host": "192.0.2.11"}}
GIB = 1 << 30


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSHOP_STATE", str(tmp_path / "state"))


def listed(tmp_path: Path, hosts: dict[str, dict[str, Any]], **variables: Any) -> Inventory:
    file = tmp_path / "hosts.yml"
    common = {"workshop_name": "pycon", **variables}
    file.write_text(yaml.safe_dump({"workshop_hosts": {"hosts": hosts, "vars": common}}))
    return inventory.read(file)


def roster(tmp_path: Path, *people: str) -> Path:
    file = tmp_path / "roster.txt"
    file.write_text("\n".join(people))
    return file


def test_a_roster_becomes_seats_cards_and_files_for_each_host(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workshop = listed(tmp_path, TWO)
    hand_out(workshop, roster(tmp_path, *(f"Person {number}" for number in range(10))), [])
    folder = workshop.secrets / FOLDER
    assert {file.name for file in folder.iterdir()} == {
        *("plan.json", "gpu-1.json", "gpu-2.json"),
        *("cards.html", "cards.pdf", "front-page.html"),
    }
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert seats_on(workshop) == {"gpu-1": 8, "gpu-2": 3}
    said = capsys.readouterr().out
    assert said.startswith("11 seats, 1 of them spare\n  gpu-1: 8, 4 more than places: they queue")
    assert str(folder / "cards.pdf") in said
    assert not any(seat.code in said for seat in seats.read(folder))


def test_made_again_only_what_was_asked_for_changes_and_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workshop = listed(tmp_path, TWO)
    folder = workshop.secrets / FOLDER
    hand_out(workshop, roster(tmp_path, "Ada", "Bob"), [])
    before = {file.name: file.read_bytes() for file in folder.iterdir() if file.name != "cards.pdf"}
    hand_out(workshop, None, [])
    assert {file.name: file.read_bytes() for file in folder.iterdir() if file.name != "cards.pdf"} == before

    capsys.readouterr()
    hand_out(workshop, roster(tmp_path, "Bob", "Cleo"), ["bob"])
    said = capsys.readouterr().out
    assert "new: cleo" in said
    assert "with a new code: bob" in said
    assert "gone: ada" in said


def test_on_one_host_there_is_no_page_to_find_it_and_the_card_says_its_address(tmp_path: Path) -> None:
    workshop = listed(tmp_path, ONE)
    hand_out(workshop, roster(tmp_path, "Ada"), [])
    folder = workshop.secrets / FOLDER
    assert not (folder / "front-page.html").exists()
    assert "<footer>https://192.0.2.11</footer>" in (folder / "cards.html").read_text()


def test_a_host_that_is_gone_gives_its_people_to_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hand_out(listed(tmp_path, TWO), roster(tmp_path, "Ada", "Bob", "Cleo"), [])
    left = listed(tmp_path, ONE)
    hand_out(left, None, [])
    assert set(seats_on(left)) == {"gpu-1"}
    assert "moved: " in capsys.readouterr().out
    told = json.loads((left.secrets / FOLDER / "gpu-1.json").read_text())
    assert told == {seat.name: seat.hash for seat in seats.read(left.secrets / FOLDER)}


def test_without_a_roster_there_is_nobody_to_hand_out_to(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no seats were handed out for pycon") as raised:
        hand_out(listed(tmp_path, TWO), None, [])
    assert raised.value.exit_code is ExitCode.USAGE


def report(**details: dict[str, Any]) -> Report:
    results = (
        Result(code=f"host.{code}", title="", status=Status.PASS, details=found) for code, found in details.items()
    )
    return Report(subject="gpu-1", results=tuple(results))


@pytest.mark.parametrize(
    ("variables", "asked", "room"),
    [
        ({}, report(cdi={"devices": ["GPU-a", "GPU-b"]}), 2),
        ({"workshop_gpu_slots": "4"}, report(cdi={"devices": ["GPU-a", "GPU-b"]}), 8),
        ({"workshop_gpu_slots": "none"}, report(memory={"total_bytes": 17 * GIB}), 8),
        ({"workshop_gpu_slots": "none", "workshop_lab_memory": "512M"}, report(memory={"total_bytes": 4 * GIB}), 8),
        ({}, report(memory={"total_bytes": 17 * GIB}), 0),
    ],
)
def test_a_host_has_room_by_its_gpus_or_its_memory(
    tmp_path: Path, variables: dict[str, str], asked: Report, room: int
) -> None:
    (wanted,) = expectations(listed(tmp_path, {"gpu-1": {"ansible_host": "192.0.2.11", **variables}})).values()
    assert room_of(wanted, asked) == room


def test_a_memory_that_is_no_size_is_told(tmp_path: Path) -> None:
    variables = {"ansible_host": "192.0.2.11", "workshop_gpu_slots": "none", "workshop_lab_memory": "lots"}
    (wanted,) = expectations(listed(tmp_path, {"gpu-1": variables})).values()
    with pytest.raises(Problem, match="workshop_lab_memory is 'lots'"):
        room_of(wanted, report(memory={"total_bytes": GIB}))


def test_a_host_whose_room_is_not_written_down_is_asked(tmp_path: Path) -> None:
    here = {"ansible_connection": "local", "workshop_gpu_slots": "none"}
    workshop = listed(tmp_path, {"here": here, "gpu-2": TWO["gpu-2"]})
    found = places(workshop, expectations(workshop))
    need(found, "root", "run the tests as root")
    assert found["gpu-2"] == 2
    assert found["here"] >= 1


def test_a_host_that_cannot_be_asked_is_named(tmp_path: Path) -> None:
    lost = {"ansible_host": "127.0.0.1", "ansible_port": 1}
    workshop = listed(tmp_path, {"lost": lost, "gpu-2": TWO["gpu-2"]})
    with pytest.raises(Problem, match="lost did not say for how many sessions there is room"):
        places(workshop, expectations(workshop))


def test_seats_are_counted_by_host_only_where_there_are_some(tmp_path: Path) -> None:
    assert seats_on(listed(tmp_path, TWO)) == Counter()
