"""The picture of a rehearsal: a row for each attendee, bars in the order of time, failures in red."""

import xml.etree.ElementTree as ET

from provisioning.rehearsal.model import Phase, Rehearsal, Step
from provisioning.rehearsal.picture import COLOURS, FAILED, QUEUED, picture
from tests.provisioning.rehearsal.test_model import ALL, rehearsal, steps

SVG = "{http://www.w3.org/2000/svg}"


def bars(found: Rehearsal) -> list[ET.Element]:
    """The bars of the attendees' rows: those that say what they are."""
    drawn = ET.fromstring(picture(found))
    return [bar for bar in drawn.iter(f"{SVG}rect") if bar.find(f"{SVG}title") is not None]


def test_each_step_is_a_bar_in_its_attendees_row_and_in_its_colour() -> None:
    drawn = bars(rehearsal(steps("ada", *ALL), steps("ben", *ALL)))
    assert [bar.get("fill") for bar in drawn] == [COLOURS[phase] for phase in Phase] * 2
    assert len({bar.get("y") for bar in drawn[: len(ALL)]}) == 1
    assert len({bar.get("y") for bar in drawn}) == 2
    left = [float(bar.get("x", "")) for bar in drawn[: len(ALL)]]
    assert left == sorted(left)


def test_a_start_is_divided_by_the_moment_when_its_turn_came() -> None:
    waited, started = bars(rehearsal([Step("ada", Phase.START, 0, 4, queued_s=3)]))
    assert (waited.get("fill"), started.get("fill")) == (QUEUED, COLOURS[Phase.START])
    assert float(waited.get("width", "")) == 3 * float(started.get("width", ""))


def test_a_failure_is_red_and_says_why_whatever_characters_it_has() -> None:
    (bar,) = bars(rehearsal([Step("ada", Phase.START, 0, 4, failure='<500> & "no"')]))
    assert bar.get("fill") == FAILED
    title = bar.find(f"{SVG}title")
    assert title is not None
    assert title.text == 'ada, start: 4.0 s. <500> & "no"'


def test_nothing_at_all_can_be_drawn_too() -> None:
    assert bars(Rehearsal("http://x", (), ())) == []
