"""Seats: who sits where with which code, and what stays as it is when a plan is made again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.problem import ExitCode, Problem
from hub.seats import Seats, matches
from provisioning.hosts.seating import make_codes
from provisioning.hosts.seats import Plan, Seat, arrange, read, read_roster, spread, with_codes, write

TWO = {"gpu-1": 4, "gpu-2": 2}


def counted(names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """Codes that tell which call they came from."""
    counted.calls += 1  # type: ignore[attr-defined]
    return {name: {"code": f"code-{counted.calls}", "hash": f"hash-{counted.calls}"} for name in names}  # type: ignore[attr-defined]


counted.calls = 0  # type: ignore[attr-defined]


def plan_for(people: Sequence[str], places: Mapping[str, int] = TWO, spare: int = 0) -> Plan:
    return with_codes(arrange((), people, places, spare), [], counted)


def names(plan: Plan) -> list[str]:
    return [seat.name for seat in plan]


@pytest.mark.parametrize(
    ("person", "name"),
    [
        ("Ada Lovelace", "ada-lovelace"),
        ("Łukasz Żółć", "lukasz-zolc"),
        ("Jürgen Groß", "jurgen-gross"),
        ("Nguyễn Thị", "nguyen-thi"),
        ("李雷", "seat"),
        ("42 Zaphod", "zaphod"),
        ("instructor", "a-instructor"),
        ("Spare Ribs", "a-spare-ribs"),
        ("Rehearsal Dinner", "a-rehearsal-dinner"),
        ("José-María Fernández de la Vega y Gutiérrez", "jose-maria-fernandez-de-la-v"),
    ],
)
def test_a_name_to_log_in_with_is_made_of_plain_letters(person: str, name: str) -> None:
    assert names(plan_for([person])) == [name]


def test_two_people_of_one_name_have_two_seats() -> None:
    assert names(plan_for(["Bob", "Ann", "Bob"])) == ["bob", "ann", "bob-2"]


def test_hosts_are_filled_by_their_room() -> None:
    plan = plan_for([f"Person {number}" for number in range(12)])
    assert Counter(seat.host for seat in plan) == {"gpu-1": 8, "gpu-2": 4}


def test_a_tenth_more_seats_are_spare_and_have_their_share_of_hosts() -> None:
    plan = plan_for([f"Person {number}" for number in range(25)], spare=10)
    assert [seat.name for seat in plan if seat.is_spare] == ["spare-01", "spare-02", "spare-03"]
    assert plan_for(["Ada"], spare=10)[-1].name == "spare-01"
    assert plan_for(["Ada"], spare=0)[-1].name == "ada"


def test_the_same_again_changes_nothing() -> None:
    plan = plan_for(["Ada", "Bob", "Cleo"], spare=10)
    again = with_codes(arrange(plan, ["Ada", "Bob", "Cleo"], TWO, 10), [], counted)
    assert again == plan
    assert with_codes(arrange(plan, None, TWO, 10), [], counted) == plan


def test_who_comes_later_gets_a_seat_and_nobody_else_notices() -> None:
    plan = plan_for(["Ada", "Bob"], spare=10)
    more = with_codes(arrange(plan, ["Cleo", "Bob", "Ada"], TWO, 10), [], counted)
    assert set(plan) < set(more)
    assert set(names(more)) - set(names(plan)) == {"cleo"}


def test_who_is_struck_from_the_roster_has_no_seat_any_more() -> None:
    plan = plan_for(["Ada", "Bob"])
    assert arrange(plan, ["Bob"], TWO, 0) == plan[1:]


def test_a_lost_card_is_replaced_and_no_other() -> None:
    plan = plan_for(["Ada", "Bob"])
    again = with_codes(plan, ["bob"], counted)
    assert again[0] == plan[0]
    assert (again[1].name, again[1].host) == (plan[1].name, plan[1].host)
    assert again[1].code != plan[1].code
    assert again[1].hash != plan[1].hash


def test_a_stranger_gets_no_new_code() -> None:
    with pytest.raises(Problem, match="nobody has the seat 'zoe'") as raised:
        with_codes(plan_for(["Ada"]), ["zoe"], counted)
    assert raised.value.exit_code is ExitCode.USAGE


def test_seats_of_a_host_that_is_gone_move_with_their_codes_and_the_others_stay() -> None:
    plan = plan_for([f"Person {number}" for number in range(6)])
    moved = arrange(plan, None, {"gpu-1": 4, "gpu-3": 2}, 0)
    for before, after in zip(plan, moved, strict=True):
        assert (after.name, after.code, after.hash) == (before.name, before.code, before.hash)
        assert before.host in (after.host, "gpu-2")
    assert {seat.host for seat in moved} == {"gpu-1", "gpu-3"}


@given(
    st.lists(st.text(min_size=1).filter(str.strip), max_size=30),
    st.dictionaries(st.sampled_from("abcd"), st.integers(1, 16), min_size=1),
    st.integers(0, 30),
)
def test_any_roster_gets_seats_that_a_hub_accepts_as_even_as_can_be(
    people: list[str], places: dict[str, int], spare: int
) -> None:
    plan = arrange((), people, places, spare)
    assert len(set(names(plan))) == len(plan) == len(people) + -(-len(people) * spare // 100)
    count = Counter(seat.host for seat in plan)
    for one, room in places.items():
        for other, room_there in places.items():  # nobody would sit less crowded on another host
            assert count[one] == 0 or count[one] / room <= (count[other] + 1) / room_there
    assert arrange(plan, people, places, spare) == plan


def test_codes_are_made_by_the_hubs_own_rules_and_its_hub_lets_them_in(tmp_path: Path) -> None:
    plan = with_codes(arrange((), ["Ada", "Bob"], {"gpu-1": 1}, 0), [], make_codes)
    write(tmp_path / "seats", plan, ["gpu-1"])
    (tmp_path / "seats" / "gpu-1.json").rename(tmp_path / "seats.json")  # what the role does, on a host
    at_the_hub = Seats(tmp_path)
    for seat in plan:
        assert matches(seat.code, seat.hash)
        assert at_the_hub.admits(seat.name, seat.code)
    assert not at_the_hub.admits(plan[0].name, plan[1].code)


def test_the_hub_refuses_a_name_that_cannot_be() -> None:
    with pytest.raises(Problem, match="'Ada' cannot be an attendee's name"):
        make_codes(["Ada"])


def test_a_plan_is_kept_for_the_organiser_and_hosts_get_hashes_only(tmp_path: Path) -> None:
    folder = tmp_path / "seats"
    plan = plan_for(["Ada", "Bob", "Cleo"])
    write(folder, plan, [*TWO, "gpu-9"])
    assert read(folder) == plan
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    for host in TWO:
        text = (folder / f"{host}.json").read_text()
        assert json.loads(text) == {seat.name: seat.hash for seat in plan if seat.host == host}
        assert not any(seat.code in text for seat in plan)
    assert json.loads((folder / "gpu-9.json").read_text()) == {}


def test_no_plan_is_an_empty_one_and_a_strange_one_is_refused(tmp_path: Path) -> None:
    assert read(tmp_path) == ()
    (tmp_path / "plan.json").write_text('{"schema": 7, "seats": []}')
    with pytest.raises(Problem, match="is of schema 7"):
        read(tmp_path)


def test_a_seat_does_not_show_its_code() -> None:
    assert "k7qm" not in repr(Seat(name="ada", host="gpu-1", code="k7qm-3xwd-9tha", hash="k7qm"))


def test_a_roster_is_one_name_a_line(tmp_path: Path) -> None:
    file = tmp_path / "roster.txt"
    file.write_text("\ufeffAda  Lovelace \r\n\n# late\nBob\n", encoding="utf-8")
    assert read_roster(file) == ["Ada Lovelace", "Bob"]


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read"), (b"# all late\n", "names nobody"), (b"\xff\xfe", "cannot be read")],
)
def test_a_roster_without_names_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "roster.txt").write_bytes(content)
    with pytest.raises(Problem, match=said):
        read_roster(tmp_path / "roster.txt")


def test_a_seat_without_room_anywhere_still_has_a_host() -> None:
    assert spread((Seat(name="ada", host=""),), {"gpu-1": 0})[0].host == "gpu-1"
