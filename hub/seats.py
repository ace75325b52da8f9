"""Who may come in: a class password for everybody, or a code of one's own for each seat. Instructors have a secret.

    python -m hub.seats                 the class password and the instructor's secret
    python -m hub.seats NAME...         a new code for each of these attendees, as cards to print; older ones end
    python -m hub.seats --roster        whose codes there are
    python -m hub.seats --make NAME...  codes and their hashes as JSON, and none is kept here
    python -m hub.seats --rehearse N    codes for N simulated attendees and the instructor's secret; 0 ends them.
                                        While another rehearsal has some: a message and exit code 3, or --anyway

As soon as there is one code the class password opens nothing any more. Codes are kept as scrypt hashes: who reads the
file learns none, and a lost card is replaced, not looked up. A rehearsal's attendees have codes of their own, which
change nothing for anybody else.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import re
import secrets
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path
from typing import Any

from foundation import files
from foundation.problem import ExitCode, Problem
from hub.kept_secret import code, kept_secret

NAME = r"[a-z][a-z0-9-]{0,31}"  # part of the names of container, volume and network
INSTRUCTOR = "instructor"
REHEARSAL = "rehearsal-"  # how the names of a rehearsal's attendees begin, and nobody else's
REHEARSAL_LIMIT_S = 1800  # the longest that provisioning/hosts/checks/hub.py waits for one
COST = {"n": 2**14, "r": 8, "p": 1}  # 16 MB and some 50 ms each
CARD = """\
+--------------------------------------+
|  name   {name:<28} |
|  code   {code:<28} |
+--------------------------------------+"""


@dataclass(frozen=True, slots=True)
class Seats:
    """The secrets of one workshop, in the folder `folder`, made at first use."""

    folder: Path

    @property
    def class_password(self) -> str:
        """What everybody logs in with, where there are no codes."""
        return kept_secret(self.folder / "class-password", code)

    @property
    def instructor_password(self) -> str:
        """What the instructor logs in with."""
        return kept_secret(self.folder / "instructor-password")

    def roster(self) -> dict[str, str]:
        """Attendee -> hash of the code."""
        return _read(self._file)

    def issue(self, names: Iterable[str]) -> dict[str, str]:
        """A new code for each of `names`; their older ones are void. Raises Problem for a name that cannot be."""
        codes = made(names)
        files.write(self._file, _as_json({**self.roster(), **_hashed(codes)}))
        return codes

    def rehearse(self, count: int, *, anyway: bool = False) -> dict[str, str]:
        """A code for each of `count` simulated attendees, until `end_rehearsal`.

        Raises Problem while another rehearsal has codes, unless `anyway`: then those are void.
        """
        codes = {f"{REHEARSAL}{number:03}": code() for number in range(1, count + 1)}
        if anyway or _age_s(self._rehearsal_file) > REHEARSAL_LIMIT_S:
            self.end_rehearsal()
        try:
            files.write_new(self._rehearsal_file, _as_json(_hashed(codes)))
        except FileExistsError:
            raise Problem(
                f"a rehearsal or a check by login began {_age_s(self._rehearsal_file):.0f} s ago, and has not ended",
                expected="one at a time: they have the same simulated attendees",
                do=f"wait for it; one that was killed: say --anyway, or wait {REHEARSAL_LIMIT_S // 60} minutes",
            ) from None
        return codes

    def end_rehearsal(self) -> None:
        """The simulated attendees' codes are void."""
        self._rehearsal_file.unlink(missing_ok=True)

    def admits(self, name: str, secret: str) -> bool:
        """Whether `secret` is the one that `name` comes in with. Takes as long for a name that is unknown."""
        if name == INSTRUCTOR:
            return compare_digest(secret.encode(), self.instructor_password.encode())
        secret = secret.strip().lower()
        is_made_up = name.startswith(REHEARSAL)
        roster = _read(self._rehearsal_file) if is_made_up else self.roster()
        if roster or is_made_up:
            return matches(secret, roster.get(name, UNKNOWN)) and name in roster
        return compare_digest(secret.encode(), self.class_password.encode())

    @property
    def _file(self) -> Path:
        return self.folder / "seats.json"

    @property
    def _rehearsal_file(self) -> Path:
        return self.folder / "rehearsal.json"


def made(names: Iterable[str]) -> dict[str, str]:
    """A new code for each of `names`. Raises Problem for a name that cannot be."""
    codes = {name: code() for name in names}
    for name in codes:
        if not re.fullmatch(NAME, name) or name == INSTRUCTOR or name.startswith(REHEARSAL):
            raise Problem(
                f"{name!r} cannot be an attendee's name",
                expected="a letter a-z, then letters, digits and -, at most 32 in all",
                do="./workshop seats ada bob-2",
                exit_code=ExitCode.USAGE,
            )
    return codes


def _read(file: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _as_json(roster: Mapping[str, str]) -> str:
    return json.dumps(roster, indent=1)


def _age_s(file: Path) -> float:
    try:
        return time.time() - file.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _hashed(codes: Mapping[str, str]) -> dict[str, str]:
    return {name: hashed(secret) for name, secret in codes.items()}


def hashed(secret: str) -> str:
    """Salt and scrypt hash of a code."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}:{_scrypt(secret, salt).hex()}"


def matches(secret: str, known: str) -> bool:
    """Whether `known` is the hash of `secret`."""
    salt, _, digest = known.partition(":")
    return compare_digest(_scrypt(secret, bytes.fromhex(salt)).hex(), digest)


def _scrypt(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, **COST)


UNKNOWN = hashed(secrets.token_hex())


async def admit(seats: Seats, data: Mapping[str, str]) -> dict[str, Any] | None:
    """JupyterHub's word for whoever may come in; None for anybody else. Hashing does not hold up the hub."""
    name = data.get("username", "").strip().lower()
    if not await asyncio.to_thread(seats.admits, name, data.get("password", "")):
        return None
    return {"name": name, "admin": name == INSTRUCTOR}


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="workshop seats", description="Who may come in, and with which code.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="make a code for this attendee")
    parser.add_argument("--roster", action="store_true", help="list who has a code")
    parser.add_argument("--make", action="store_true", help="codes for NAMEs and their hashes as JSON; none is kept")
    parser.add_argument("--rehearse", type=int, metavar="N", help="codes for N simulated attendees; 0 ends them")
    parser.add_argument("--anyway", action="store_true", help="while another rehearsal has such codes, too")
    chosen = parser.parse_args(arguments)
    seats = Seats(Path(os.environ.get("WORKSHOP_STATE", "/srv/hub")))
    try:
        if chosen.rehearse:
            codes = seats.rehearse(chosen.rehearse, anyway=chosen.anyway)
            print(json.dumps({"instructor": seats.instructor_password, "seats": codes}))
        elif chosen.rehearse is not None:
            seats.end_rehearsal()
        elif chosen.make:
            print(json.dumps({name: {"code": each, "hash": hashed(each)} for name, each in made(chosen.names).items()}))
        elif chosen.roster:
            print("\n".join(sorted(seats.roster())) or "nobody: everybody logs in with the class password")
        elif chosen.names:
            print("\n".join(CARD.format(name=name, code=secret) for name, secret in seats.issue(chosen.names).items()))
        else:
            print(f"class password:      {seats.class_password}{' (void: there are codes)' if seats.roster() else ''}")
            print(f"name {INSTRUCTOR}: {seats.instructor_password}")
    except Problem as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    return ExitCode.PASS


if __name__ == "__main__":
    sys.exit(main())
