"""Who comes in: with the class password, with a code of one's own, as instructor, and nobody else."""

import asyncio
import json
import os
import time
from pathlib import Path

import pytest

from foundation.problem import ExitCode, Problem
from hub.seats import INSTRUCTOR, REHEARSAL_LIMIT_S, Seats, admit, main, matches


@pytest.fixture
def seats(tmp_path: Path) -> Seats:
    return Seats(tmp_path)


def test_without_codes_the_class_password_opens_every_seat(seats: Seats) -> None:
    assert seats.admits("ada", seats.class_password)
    assert seats.admits("bob", f" {seats.class_password.upper()} ")
    assert not seats.admits("ada", "")
    assert not seats.admits("ada", seats.instructor_password)


def test_the_instructor_has_a_secret_of_their_own(seats: Seats) -> None:
    assert seats.admits(INSTRUCTOR, seats.instructor_password)
    assert not seats.admits(INSTRUCTOR, seats.class_password)
    assert len(seats.instructor_password) == 64


def test_a_code_opens_its_own_seat_only_and_ends_the_class_password(seats: Seats) -> None:
    codes = seats.issue(["ada", "bob"])
    assert seats.admits("ada", codes["ada"])
    assert not seats.admits("bob", codes["ada"])
    assert not seats.admits("cleo", codes["ada"])
    assert not seats.admits("ada", seats.class_password)
    assert not seats.admits("cleo", seats.class_password)


def test_a_new_code_voids_the_old_one_and_leaves_the_others(seats: Seats) -> None:
    first = seats.issue(["ada", "bob"])
    second = seats.issue(["ada"])
    assert not seats.admits("ada", first["ada"])
    assert seats.admits("ada", second["ada"])
    assert seats.admits("bob", first["bob"])


def test_the_file_tells_no_code_and_is_private(seats: Seats) -> None:
    codes = seats.issue(["ada"])
    (file,) = seats.folder.glob("seats*")
    assert codes["ada"] not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in seats.folder.iterdir()) == ["seats.json"]


def test_only_the_instructor_is_an_admin(seats: Seats) -> None:
    entered = asyncio.run(admit(seats, {"username": " Ada", "password": seats.class_password}))
    assert entered == {"name": "ada", "admin": False}
    chief = asyncio.run(admit(seats, {"username": INSTRUCTOR, "password": seats.instructor_password}))
    assert chief == {"name": INSTRUCTOR, "admin": True}
    assert asyncio.run(admit(seats, {"username": "ada", "password": "wrong"})) is None
    assert asyncio.run(admit(seats, {})) is None


def test_the_command_prints_cards_whose_codes_open(
    seats: Seats, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKSHOP_STATE", str(seats.folder))
    assert main(["ada", "bob"]) == ExitCode.PASS
    shown = [line.split()[2] for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    assert shown[0::2] == ["ada", "bob"]
    assert seats.admits("bob", shown[3])
    assert main(["--roster"]) == ExitCode.PASS
    assert capsys.readouterr().out.split() == ["ada", "bob"]
    assert main([]) == ExitCode.PASS
    assert "void: there are codes" in capsys.readouterr().out


def test_a_rehearsals_codes_open_its_own_seats_and_change_nobody_elses(seats: Seats) -> None:
    codes = seats.rehearse(2)
    assert list(codes) == ["rehearsal-001", "rehearsal-002"]
    assert seats.admits("rehearsal-001", codes["rehearsal-001"])
    assert not seats.admits("rehearsal-001", codes["rehearsal-002"])
    assert not seats.admits("ada", codes["rehearsal-001"])
    assert not seats.admits("rehearsal-001", seats.class_password)
    assert seats.admits("ada", seats.class_password)
    assert seats.roster() == {}


def test_a_rehearsals_codes_end_with_it(seats: Seats) -> None:
    assert not seats.admits("rehearsal-001", "")
    codes = seats.rehearse(1)
    seats.issue(["ada"])
    assert seats.admits("rehearsal-001", codes["rehearsal-001"])
    seats.end_rehearsal()
    assert not seats.admits("rehearsal-001", codes["rehearsal-001"])
    seats.end_rehearsal()


def test_one_rehearsal_waits_for_another_unless_that_was_killed(seats: Seats) -> None:
    first = seats.rehearse(1)
    with pytest.raises(Problem, match=r"began 0 s ago, and has not ended") as refused:
        seats.rehearse(2)
    assert refused.value.exit_code is ExitCode.COULD_NOT_CHECK
    assert seats.admits("rehearsal-001", first["rehearsal-001"])
    second = seats.rehearse(1, anyway=True)
    assert not seats.admits("rehearsal-001", first["rehearsal-001"])
    long_ago = time.time() - REHEARSAL_LIMIT_S - 1
    os.utime(seats.folder / "rehearsal.json", (long_ago, long_ago))
    third = seats.rehearse(1)
    assert not seats.admits("rehearsal-001", second["rehearsal-001"])
    assert seats.admits("rehearsal-001", third["rehearsal-001"])
    assert [file.name for file in seats.folder.iterdir() if file.name.startswith(".")] == []


def test_the_command_gives_a_rehearsal_all_that_it_needs(
    seats: Seats, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKSHOP_STATE", str(seats.folder))
    assert main(["--rehearse", "1"]) == ExitCode.PASS
    access = json.loads(capsys.readouterr().out)
    assert seats.admits(INSTRUCTOR, access["instructor"])
    assert all(seats.admits(name, code) for name, code in access["seats"].items())
    assert main(["--rehearse", "1"]) == ExitCode.COULD_NOT_CHECK
    assert "say --anyway" in capsys.readouterr().err
    assert main(["--rehearse", "1", "--anyway"]) == ExitCode.PASS
    capsys.readouterr()
    assert main(["--rehearse", "0"]) == ExitCode.PASS
    assert capsys.readouterr().out == ""
    assert list(seats.folder.glob("rehearsal*")) == []


def test_codes_for_other_hosts_are_made_with_their_hashes_and_not_kept(
    seats: Seats, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKSHOP_STATE", str(seats.folder))
    assert main(["--make", "ada", "bob"]) == ExitCode.PASS
    made = json.loads(capsys.readouterr().out)
    assert list(made) == ["ada", "bob"]
    assert matches(made["ada"]["code"], made["ada"]["hash"])
    assert not matches(made["bob"]["code"], made["ada"]["hash"])
    assert list(seats.folder.iterdir()) == []


@pytest.mark.parametrize("name", ["Ada", "1", "", "a b", "ü", INSTRUCTOR, "a" * 33, "../x", "rehearsal-1"])
def test_a_name_that_cannot_be_is_refused_and_nothing_is_issued(
    seats: Seats, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKSHOP_STATE", str(seats.folder))
    assert main(["ada", name]) == ExitCode.USAGE
    assert "cannot be an attendee's name" in capsys.readouterr().err
    assert seats.roster() == {}
