"""A report as text: one line a check, what to do under what did not pass, the conclusion last."""

from __future__ import annotations

import io

import pytest

from foundation.model import Report, Result, Status
from foundation.report import conclusion, lines_of, text_of, wants_colour


def result(status: Status, code: str = "pixels", **changes: object) -> Result:
    texts = {"found": "row 3 is all zeros", "expected": "the serial picture", "do": "Compare one row."}
    return Result(**{"code": code, "title": "Every pixel", "status": status, **texts, **changes})  # type: ignore[arg-type]


REMEDY = ["    expected: the serial picture", "    do this:  Compare one row."]


@pytest.mark.parametrize(
    ("status", "symbol", "below"),
    [
        (Status.PASS, "✔", []),
        (Status.FAIL, "✘", REMEDY),
        (Status.SKIPPED, "–", []),
        (Status.BLOCKED, "·", []),
        (Status.ERROR, "!", REMEDY),
        (Status.INCONCLUSIVE, "?", REMEDY),
    ],
)
def test_each_status_has_its_symbol_and_what_to_do_where_it_did_not_pass(
    status: Status, symbol: str, below: list[str]
) -> None:
    assert list(lines_of(result(status), column=8)) == [f"  {symbol} pixels   row 3 is all zeros", *below]


def test_a_check_that_took_a_second_says_so_and_one_without_words_shows_its_title() -> None:
    assert list(lines_of(result(Status.PASS, found="", duration_s=1.26), column=6)) == ["  ✔ pixels Every pixel  1.3 s"]


def test_long_remedies_are_wrapped_under_their_label() -> None:
    _first, _expected, *do = lines_of(result(Status.FAIL, do="word " * 40))
    assert len(do) > 1
    assert all(len(line) <= 100 for line in do)
    assert {line[:14] for line in do[1:]} == {" " * 14}


def test_the_trace_of_a_broken_check_keeps_its_lines() -> None:
    broken = result(Status.ERROR, expected="", do="", details={"trace": "Traceback:\n  File x\nKeyError: 1\n"})
    assert list(lines_of(broken))[1:] == [
        "    trace:    Traceback:",
        "                File x",
        "              KeyError: 1",
    ]


@pytest.mark.parametrize("status", Status)
def test_colour_is_put_round_the_symbol_and_the_verdict_only_where_it_is_asked_for(status: Status) -> None:
    report = Report(subject="a lab", results=(result(status),))
    assert "\x1b[" not in text_of(report)
    coloured = text_of(report, colour=True).splitlines()
    assert coloured[0].startswith("  \x1b[")
    assert coloured[-1].startswith("\x1b[")
    assert "\x1b[0m" in coloured[0]


def test_the_whole_report_ends_with_the_verdict_and_its_counts() -> None:
    results = (result(Status.PASS, "a"), result(Status.PASS, "long_code"), result(Status.FAIL, "c"))
    assert text_of(Report(subject="lab 03", results=results)).splitlines() == [
        "  ✔ a         row 3 is all zeros",
        "  ✔ long_code row 3 is all zeros",
        "  ✘ c         row 3 is all zeros",
        *REMEDY,
        "FAIL  lab 03: 2 pass, 1 fail",
    ]


def test_a_report_of_nothing_says_so() -> None:
    assert conclusion(Report(subject="lab 03", results=())) == "ERROR  lab 03: nothing ran"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "no_color", "wanted"),
    [(Terminal(), "", True), (Terminal(), "1", False), (io.StringIO(), "", False)],
)
def test_colour_is_for_terminals_whose_user_has_not_declined_it(
    stream: io.StringIO, no_color: str, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    assert wants_colour(stream) is wanted
