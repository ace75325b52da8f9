"""Seats: each attendee of a roster gets a name, a code, and a place on a host that has room.

    roster ──> Plan ── plan.json       who sits where with which code: the organiser's, 0600
                    ── HOST.json       seat -> hash of its code, for its hub: codes leave this machine on cards only

A plan that is made again keeps what it has: hosts, names and codes change only if they must.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from math import ceil
from pathlib import Path

from foundation import files
from foundation.problem import Problem, wrong_input

SCHEMA = 1
SPARE = "spare-"
UNDIVIDED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
LONGEST = 28  # of a seat's name; the hub's limit is 32, and "-2" may be added


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One place. `person` as the roster writes it, "" for a spare one; `name` is what they log in with."""

    name: str
    host: str
    code: str = field(default="", repr=False)
    hash: str = field(default="", repr=False)
    person: str = ""

    @property
    def is_spare(self) -> bool:
        """Whether it is for somebody who is not on the roster."""
        return not self.person


Plan = tuple[Seat, ...]
Make = Callable[[Sequence[str]], Mapping[str, Mapping[str, str]]]  # names -> {name: {"code": ..., "hash": ...}}


def read_roster(file: Path) -> list[str]:
    """The people in `file`, one a line; empty lines and those that begin with # do not count.

    Raises Problem if it cannot be read, or holds nobody.
    """
    try:
        lines = [" ".join(line.split()) for line in file.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise _problem(f"{file} cannot be read: {error}") from error
    people = [line for line in lines if line and not line.startswith("#")]
    if not people:
        raise _problem(f"{file} names nobody")
    return people


def arrange(old: Plan, people: Sequence[str] | None, places: Mapping[str, int], spare_percent: int) -> Plan:
    """The seats for `people` (None: those of `old`) and spare ones, on the hosts of `places`; new ones without code.

    Somebody who was there keeps name, code and host; somebody whose host is gone keeps name and code.
    """
    wanted = [seat.person for seat in old if not seat.is_spare] if people is None else list(people)
    known = {key: seat for key, seat in zip(_numbered(seat.person for seat in old), old, strict=True) if seat.person}
    spares = [seat for seat in old if seat.is_spare]
    taken = {seat.name for seat in old}
    seats = []
    for key, person in zip(_numbered(wanted), wanted, strict=True):
        seats.append(known.get(key) or Seat(name=_free_name(person, taken), host="", person=person))
        taken.add(seats[-1].name)
    needed = ceil(len(wanted) * spare_percent / 100)
    numbers = (name for number in range(1, 10_000) if (name := f"{SPARE}{number:02}") not in taken)
    seats += [*spares, *(Seat(name=next(numbers), host="") for _ in range(needed - len(spares)))]
    return spread(tuple(seats), places)


def spread(seats: Plan, places: Mapping[str, int]) -> Plan:
    """`seats`, those without a host of `places` put on the one that is then the emptiest for its room."""
    count = Counter(seat.host for seat in seats)
    placed = []
    for seat in seats:
        host = seat.host
        if host not in places:
            host = min(places, key=lambda each: (count[each] + 1) / max(places[each], 1))
            count[host] += 1
        placed.append(replace(seat, host=host))
    return tuple(placed)


def with_codes(seats: Plan, again: Sequence[str], make: Make) -> Plan:
    """`seats` with a code for each that has none, and a new one for those in `again`. Raises Problem for a stranger."""
    for name in again:
        if name not in {seat.name for seat in seats}:
            raise _problem(f"nobody has the seat {name!r}", "a seat's name, as on its card", "look at the cards")
    wanted = [seat.name for seat in seats if not seat.code or seat.name in again]
    made = make(wanted) if wanted else {}
    return tuple(replace(seat, **made[seat.name]) if seat.name in made else seat for seat in seats)


def read(folder: Path) -> Plan:
    """The plan that `write` left in `folder`; empty if there is none."""
    try:
        said = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    if said["schema"] != SCHEMA:
        raise _problem(
            f"{folder}/plan.json is of schema {said['schema']!r}", f"schema {SCHEMA}", "use the version of it"
        )
    return tuple(Seat(**seat) for seat in said["seats"])


def write(folder: Path, seats: Plan, hosts: Iterable[str]) -> None:
    """Keep the plan, and for each host what its hub is to know: hashes. All files are readable by this user only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.write(
        folder / "plan.json", json.dumps({"schema": SCHEMA, "seats": [asdict(seat) for seat in seats]}, indent=1)
    )
    for host in hosts:
        own = {seat.name: seat.hash for seat in seats if seat.host == host}
        files.write(folder / f"{host}.json", json.dumps(own, indent=1))


def _numbered(people: Iterable[str]) -> list[tuple[str, int]]:
    """Each with how many of the same name came before: two people may have one name."""
    seen: Counter[str] = Counter()
    keys = []
    for person in people:
        keys.append((person, seen[person]))
        seen[person] += 1
    return keys


def _free_name(person: str, taken: set[str]) -> str:
    """What `person` logs in with: the name in plain letters, "seat" where it has none, numbered where it is taken."""
    plain = unicodedata.normalize("NFKD", person.casefold().translate(UNDIVIDED))
    letters = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode())
    base = letters.lstrip("-0123456789")[:LONGEST].strip("-") or "seat"
    if base.startswith((SPARE, "rehearsal-")) or base == "instructor":
        base = f"a-{base}"[:LONGEST].rstrip("-")
    names = (base if number == 1 else f"{base}-{number}" for number in range(1, 10_000))
    return next(name for name in names if name not in taken)


def _problem(found: str, expected: str = "one name a line", do: str = "see docs/provisioning.md") -> Problem:
    return wrong_input(found, expected, do)
