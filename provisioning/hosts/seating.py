"""`provision seats`: from a roster to seats on the hosts of an inventory, cards to print, a page to find one's seat."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from foundation import files
from foundation.model import Report, Status
from foundation.problem import Problem, wrong_input
from provisioning.here.place import CLONE, clean_environment
from provisioning.hosts import cards, front_page, matrix, matrix_text, seats
from provisioning.hosts.expectations import Expectation, expectations
from provisioning.hosts.inventory import Inventory
from provisioning.hosts.seats import Plan, Seat

FOLDER = "seats"
FRONT = "/hub/seat"  # hub/front_page.py
SHARES = re.compile(r"\*(\d+)")
ASKED = ("host.cdi", "host.memory")
SIZE = re.compile(r"(?P<number>[1-9]\d*)(?P<unit>[kmg]?)b?")
UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def hand_out(inventory: Inventory, roster: Path | None, again: Sequence[str]) -> None:
    """Arrange the seats, write cards and what the hubs are to know, and say where it is. Nothing is sent yet.

    `again`: the seats that get a new code. Raises Problem if there is neither a roster nor a plan.
    """
    folder = inventory.secrets / FOLDER
    old = seats.read(folder)
    if not old and roster is None:
        raise wrong_input(
            f"no seats were handed out for {inventory.workshop}",
            "a roster: a text file with one name a line",
            f"./workshop provision seats -i {inventory.path.name} roster.txt",
        )
    people = seats.read_roster(roster) if roster else None
    wanted = expectations(inventory)
    room = places(inventory, wanted)
    percent = wanted[inventory.names[0]].spare_percent
    plan = seats.with_codes(seats.arrange(old, people, room, percent), again, make_codes)
    seats.write(folder, plan, inventory.names)
    _write_pages(inventory.workshop, folder, plan, {name: each.url for name, each in wanted.items()})
    print("\n".join(told(old, plan, room, folder)), flush=True)


def seats_on(inventory: Inventory) -> Mapping[str, int]:
    """How many seats were handed out on each host; empty if none were."""
    return Counter(seat.host for seat in seats.read(inventory.secrets / FOLDER))


def places(inventory: Inventory, wanted: Mapping[str, Expectation]) -> dict[str, int]:
    """For how many sessions each host has room: its GPU slots, or without GPUs its memory. Asked where it is not known.

    Raises Problem if a host that has to be asked does not say it.
    """
    if len(wanted) == 1:
        return dict.fromkeys(wanted, 0)  # all seats are there, whatever room it has
    known = {name: _listed_slots(each.gpu_slots) for name, each in wanted.items()}
    unknown = {name: each.as_json() for name, each in wanted.items() if known[name] is None}
    asked = matrix.gather(inventory.workshop, unknown, ASKED)
    found = {name: known[name] or room_of(each, asked.reports[name]) for name, each in wanted.items()}
    if silent := [name for name, count in found.items() if not count]:
        print(matrix_text.text_of(asked), file=sys.stderr)
        raise Problem(
            f"{', '.join(silent)} did not say for how many sessions there is room",
            expected="hosts that are ready, or their GPUs by name in workshop_gpu_slots",
            do=f"./workshop provision apply -i {inventory.path.name}",
        )
    return {name: int(count or 0) for name, count in found.items()}


def _listed_slots(slots: str) -> int | None:
    """How many slots a GPU_SLOTS names; None if the host's GPUs, or its memory, have to be counted."""
    if slots in ("", "none") or slots.isdecimal():
        return None
    return sum(int(found[1]) if (found := SHARES.search(entry)) else 1 for entry in slots.split(","))


def room_of(wanted: Expectation, report: Report) -> int:
    """What a host's checks amount to; 0 if they did not pass."""
    details = {each.code: each.details for each in report.results if each.status is Status.PASS}
    if wanted.gpu_slots != "none":
        return len(details.get("host.cdi", {}).get("devices", ())) * int(wanted.gpu_slots or 1)
    memory = int(details.get("host.memory", {}).get("total_bytes", 0))
    return memory // _bytes(wanted.lab_memory)


def _bytes(text: str) -> int:
    """2G as bytes. Raises Problem where it is no size."""
    found = SIZE.fullmatch(text.strip().lower())
    if not found:
        raise wrong_input(
            f"workshop_lab_memory is {text!r}", "a size such as 2G or 1500M", "correct it in the inventory"
        )
    return int(found["number"]) * UNITS[found["unit"]]


def make_codes(names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """A code and its hash for each of `names`, as the hub makes them. Raises Problem if it does not."""
    command = [sys.executable, "-P", "-m", "hub.seats", "--make", *names]
    environment = {**clean_environment(), "PYTHONPATH": str(CLONE)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Problem(f"no codes were made: {done.stderr.strip()}", expected="codes", do="./workshop test tests/hub")
    found: Mapping[str, Mapping[str, str]] = json.loads(done.stdout)
    return found


def _write_pages(workshop: str, folder: Path, plan: Plan, urls: Mapping[str, str]) -> None:
    """The cards, and if there are several hosts the page that finds one's seat. `urls` says where each hub is."""
    first, *others = urls.values()
    front = f"{first}{FRONT}" if others else ""
    every = [cards.Card.of(seat, workshop=workshop, url=urls[seat.host], front=front) for seat in plan]
    files.write(folder / "cards.html", cards.html_of(every))
    files.write(folder / "cards.pdf", cards.pdf_of(every))
    if front:
        files.write(folder / "front-page.html", front_page.html_of(workshop, plan, urls))
    else:
        (folder / "front-page.html").unlink(missing_ok=True)


def told(old: Plan, plan: Plan, room: Mapping[str, int], folder: Path) -> list[str]:
    """What has changed, and where everything is, for people."""
    before = {seat.name: seat for seat in old}
    count = Counter(seat.host for seat in plan)
    spare = sum(seat.is_spare for seat in plan)
    lines = [f"{len(plan)} seats, {spare} of them spare"]
    for host, places_there in room.items():
        over = count[host] - places_there if places_there else 0
        more = f", {over} more than places: they queue when all have come" if over > 0 else ""
        lines.append(f"  {host}: {count[host]}{more}")
    for word, changed in (
        ("new", [seat for seat in plan if seat.name not in before]),
        ("with a new code", [each for each in plan if each.name in before and before[each.name].code != each.code]),
        ("moved", [each for each in plan if each.name in before and before[each.name].host != each.host]),
        ("gone", [seat for seat in old if seat.name not in {each.name for each in plan}]),
    ):
        lines += [f"{word}: {_named(changed)}"] if changed and old else []
    return [*lines, f"cards: {folder / 'cards.pdf'}, or cards.html; they hold the codes, keep them to yourself"]


def _named(changed: Sequence[Seat], most: int = 8) -> str:
    names = [seat.name for seat in changed]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
