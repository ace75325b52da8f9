"""Results and reports: the worst counts, nothing is never a pass, and what arrives is checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.model import SCHEMA, Report, Result, Status
from foundation.problem import ExitCode

TEXTS = st.text(max_size=20)
FIGURES = st.dictionaries(TEXTS, st.one_of(st.integers(), TEXTS, st.lists(st.integers(), max_size=3)), max_size=3)
RESULTS = st.builds(
    Result,
    code=TEXTS,
    title=TEXTS,
    status=st.sampled_from(Status),
    found=TEXTS,
    expected=TEXTS,
    do=TEXTS,
    duration_s=st.floats(0, 1e6),
    details=FIGURES,
)
REPORTS = st.builds(Report, subject=TEXTS, results=st.lists(RESULTS, max_size=4).map(tuple), facts=FIGURES)


def report(*statuses: Status) -> Report:
    results = tuple(Result(code=str(number), title="", status=each) for number, each in enumerate(statuses))
    return Report(subject="a lab", results=results)


@given(REPORTS)
def test_a_report_travels_as_json_and_arrives_as_it_was(sent: Report) -> None:
    assert Report.from_json(sent.to_json()) == sent


@pytest.mark.parametrize(
    ("statuses", "status", "exit_code"),
    [
        ([Status.PASS, Status.PASS], Status.PASS, ExitCode.PASS),
        ([Status.PASS, Status.SKIPPED, Status.BLOCKED], Status.PASS, ExitCode.PASS),
        ([Status.PASS, Status.INCONCLUSIVE], Status.INCONCLUSIVE, ExitCode.COULD_NOT_CHECK),
        ([Status.FAIL, Status.INCONCLUSIVE, Status.PASS], Status.FAIL, ExitCode.FAIL),
        ([Status.FAIL, Status.ERROR, Status.PASS], Status.ERROR, ExitCode.COULD_NOT_CHECK),
        ([Status.SKIPPED], Status.ERROR, ExitCode.COULD_NOT_CHECK),
        ([Status.BLOCKED], Status.ERROR, ExitCode.COULD_NOT_CHECK),
        ([], Status.ERROR, ExitCode.COULD_NOT_CHECK),
    ],
)
def test_the_worst_counts_and_nothing_ran_is_never_a_pass(
    statuses: list[Status], status: Status, exit_code: ExitCode
) -> None:
    assert report(*statuses).status is status
    assert report(*statuses).exit_code is exit_code


@given(st.lists(st.sampled_from(Status)))
def test_only_a_report_in_which_something_passed_and_nothing_failed_exits_with_0(statuses: list[Status]) -> None:
    good = {Status.PASS, Status.SKIPPED, Status.BLOCKED}
    assert (report(*statuses).exit_code == 0) == (Status.PASS in statuses and good.issuperset(statuses))


def test_a_result_is_found_by_its_code() -> None:
    assert report(Status.PASS, Status.FAIL).result("1").status is Status.FAIL
    with pytest.raises(KeyError):
        report(Status.PASS).result("7")


def changed(change: Callable[[dict[str, Any]], object], original: Report | None = None) -> str:
    data = json.loads((original or report(Status.PASS)).to_json())
    change(data)
    return json.dumps(data)


def test_a_report_of_schema_1_is_read() -> None:
    """Images that were built before still write it."""
    now = report(Status.FAIL)
    before = changed(lambda data: data.update(schema=1, machine=data.pop("facts")), now)
    assert Report.from_json(before) == now


def test_a_report_of_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match=f"found a report of schema 99, expected {SCHEMA}"):
        Report.from_json(changed(lambda data: data.update(schema=99)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "5",
        "[]",
        "[" * 100_000,
        "{}",
        changed(lambda data: data.pop("facts")),
        changed(lambda data: data.update(facts=5)),
        changed(lambda data: data.update(results=5)),
        changed(lambda data: data["results"][0].pop("code")),
        changed(lambda data: data["results"][0].update(status="wonderful")),
        changed(lambda data: data["results"][0].update(found=5)),
        changed(lambda data: data["results"][0].update(details=[])),
        changed(lambda data: data["results"][0].update(duration_s="long")),
        changed(lambda data: data["results"][0].update(surprise=1)),
    ],
)
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"found|Expecting|could not convert|not a valid"):
        Report.from_json(text)
