from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.model import Report, Result, Status
from labs.attendee import verdict
from labs.attendee.workspace import Record
from labs.catalogue import Lab
from tests.labs.toy_labs import report, result, toy_lab

SVG = "{http://www.w3.org/2000/svg}svg"
SPEED = {"speed": {"gain": 1.5, "ceiling": 2.0, "required": 0.7}}
TIMELINE = {"timeline": [[0, "row 0", 0.0, 1.0], [1, "row 1", 0.0, 1.0]]}
NASTY = '<script>alert(1)</script> & "quoted" \x00\x1b[31m ]]>'


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return toy_lab(tmp_path)


def shown(html: str) -> ElementTree.Element:
    """The verdict as a document; an error where it is not well-formed."""
    return ElementTree.fromstring(html)


def words(html: str) -> str:
    """What a reader reads."""
    root = shown(html)
    for style in root.findall("style"):
        style.text = ""
    return " ".join(" ".join(root.itertext()).split())


def final(lab: Lab, outcome: Report, stale: tuple[str, ...] = ()) -> str:
    return verdict.final(lab, outcome, Record(), stale)


def test_before_the_first_result_it_says_what_is_going_on(lab: Lab) -> None:
    assert words(verdict.growing(lab, [])) == "Lab 90 is being checked in a fresh process …"


def test_while_it_grows_it_shows_the_results_so_far(lab: Lab) -> None:
    growing = words(verdict.growing(lab, [result(Status.PASS, found="as it should be")]))
    assert growing.endswith("✔ The values · as it should be")


@pytest.mark.parametrize(
    ("status", "begins", "ends"),
    [
        (Status.PASS, "PASS 90 · A toy", "✔ The values · 3"),
        (Status.FAIL, "FAIL 90 · A toy", "do this look again Stuck? %hint shows the next hint (0 of 3 shown)."),
        (Status.INCONCLUSIVE, "INCONCLUSIVE 90 · A toy", "cannot be measured on this machine now."),
        (Status.ERROR, "ERROR 90 · A toy", "Your answer was not judged: do what is said above, and check again."),
    ],
)
def test_each_status_stands_first_and_the_next_step_last(lab: Lab, status: Status, begins: str, ends: str) -> None:
    html = final(lab, report(result(status, found="3", expected="4", do="look again")))
    assert words(html).startswith(begins)
    assert words(html).endswith(ends)


def test_what_did_not_pass_says_found_expected_and_what_to_do(lab: Lab) -> None:
    outcome = report(result(Status.FAIL, found="`render` gave 3", expected="4", do="look at `fill`"))
    html = final(lab, outcome)
    assert "✘ The values found render gave 3 expected 4 do this look at fill" in words(html)
    assert "<code>fill</code>" in html


def test_what_waits_or_was_skipped_says_why_in_one_line(lab: Lab) -> None:
    waits, skipped = result(Status.BLOCKED, found="waits for `values`"), result(Status.SKIPPED, "gpu", found="no GPU")
    said = words(final(lab, report(result(Status.FAIL, "loads"), waits, skipped)))
    assert "· The values · waits for values – The gpu · no GPU" in said


def test_it_says_where_it_was_proved(lab: Lab) -> None:
    outcome = report(result(Status.PASS), python="3.13.15t", gil="off", cores=2, device="simulator")
    assert "Python 3.13.15t · GIL off · 2 cores · on Numba's simulator" in words(final(lab, outcome))
    assert "· 1 core ·" in words(final(lab, report(result(Status.PASS), gil="off", cores=1, device="cpu")))


def test_figures_are_drawn(lab: Lab) -> None:
    both = result(Status.PASS, found="fast", details={**SPEED, **TIMELINE})
    assert len(list(shown(final(lab, report(both))).iter(SVG))) == 2


@pytest.mark.parametrize(
    ("status", "tone"), [(Status.PASS, "good"), (Status.FAIL, "bad"), (Status.INCONCLUSIVE, "unsure")]
)
def test_the_speed_has_the_colour_of_its_own_check(lab: Lab, status: Status, tone: str) -> None:
    assert f'fill="var(--ws-{tone},' in final(lab, report(result(status, "speed", details=SPEED)))


def test_what_the_code_printed_is_folded_away_except_after_pass(lab: Lab) -> None:
    assert "what your code printed hello" in words(final(lab, report(result(Status.FAIL), output="hello\n")))
    assert "hello" not in final(lab, report(result(Status.PASS), output="hello\n"))
    assert "what your code printed" not in final(lab, report(result(Status.FAIL), output=" \n"))


def test_a_broken_check_shows_its_trace_to_the_instructor(lab: Lab) -> None:
    broken = result(Status.ERROR, found="KeyError: 1", details={"trace": "Traceback: <module>"})
    assert "trace, for the instructor Traceback: <module>" in words(final(lab, report(broken)))


def test_a_stale_file_is_warned_of_by_name(lab: Lab) -> None:
    warned = words(final(lab, report(result(Status.FAIL)), ("render", "fill")))
    assert "Not saved: the kernel ran a newer render , fill than the file on disk holds" in warned
    assert "Save (Ctrl+S) and run %check again." in warned
    assert "Not saved" not in final(lab, report(result(Status.FAIL)))


def test_nothing_of_an_attendee_s_text_gets_out_of_its_place(lab: Lab) -> None:
    nasty = Result(
        code=NASTY,
        title=NASTY,
        status=Status.FAIL,
        found=f"ValueError: {NASTY} (line 3: `{NASTY}`)",
        expected=NASTY,
        do=NASTY,
        details={"trace": NASTY, "timeline": [[0, NASTY, 0.0, 1.0]]},
    )
    html = final(lab, report(nasty, output=NASTY, python=NASTY), (NASTY,))
    assert "<script" not in html
    assert not list(shown(html).iter("script"))
    assert words(html).count("<script>alert(1)</script>") >= 8


def test_an_endless_message_is_cut(lab: Lab) -> None:
    assert len(final(lab, report(result(Status.FAIL, found="x" * 1_000_000)))) < 20_000


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(Status), st.text(st.characters()), st.text(st.characters()))
def test_any_words_give_a_well_formed_verdict(lab: Lab, status: Status, found: str, printed: str) -> None:
    shown(final(lab, report(result(status, found=found), output=printed)))


def test_both_themes_have_every_colour_that_is_used(lab: Lab) -> None:
    light, dark = verdict.STYLE.split("body[data-jp-theme-light")
    for name in ("ink", "soft", "line", "card", "code", "note", "good", "bad", "unsure", "broken", "idle"):
        assert f"--ws-{name}:" in light
        assert f"--ws-{name}:" in dark.split("}")[0]
