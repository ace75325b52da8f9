"""A rehearsal in words."""

import io

from provisioning.rehearsal.attendee import Attendee, Room
from provisioning.rehearsal.model import Phase, Step
from provisioning.rehearsal.table import Ticker, how_far, table
from tests.provisioning.rehearsal.test_model import ALL, rehearsal, steps


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def crowd() -> list[Attendee]:
    """One starts, one is done with that, one has failed."""
    made = [Attendee("http://x", name, "secret", Room()) for name in ("ada", "ben", "cleo")]
    made[0].doing = Phase.START
    made[1].steps = [Step("ben", Phase.START, 0, 1)]
    made[2].steps = [Step("cleo", Phase.START, 0, 1, failure="no room")]
    return made


def test_each_phase_has_its_figures_and_the_last_line_says_it_all() -> None:
    lines = table(rehearsal(steps("ada", *ALL, seconds=1.5), steps("ben", *ALL, seconds=2.5))).splitlines()
    assert lines[2].split() == ["start", "1.5", "s", "2.5", "s", "2.5", "s", "2", "-"]
    assert lines[-1] == "✔ 2 of 2 came through; first session ready after 1.5 s, last after 2.5 s"


def test_failures_are_told_once_for_all_whom_they_stopped() -> None:
    found = rehearsal(*(steps(name, Phase.LOG_IN, Phase.START, failure="no room") for name in ("ada", "ben")))
    shown = table(found)
    assert "✘ start: no room\n  2 of 2: ada, ben" in shown
    assert shown.endswith("✘ 0 of 2 came through")


def test_progress_says_how_many_are_where() -> None:
    assert how_far(crowd()) == "start 1, done 1, failed 1"


def test_on_a_terminal_progress_is_one_line_that_is_gone_at_the_end() -> None:
    screen = Screen()
    ticker = Ticker(screen)
    ticker(7, crowd())
    ticker.end()
    assert screen.getvalue() == "\r\x1b[K   7 s  start 1, done 1, failed 1\r\x1b[K"


def test_elsewhere_nothing_is_said_twice() -> None:
    log = io.StringIO()
    ticker = Ticker(log, line_every_s=0)
    ticker(7, crowd())
    ticker(8, crowd())
    ticker.end()
    assert log.getvalue() == "   7 s  start 1, done 1, failed 1\n"
