"""How one check's end becomes a result, whatever was raised or returned."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest

from checks.child import SHOWN, TRACE_KEPT, blocked, run_check
from checks.suite import Check, Failed, Found, Inconclusive, Skipped, check
from foundation.model import Result, Status
from foundation.problem import Problem


def check_of(run: Callable[[], Any], requires: tuple[str, ...] = ()) -> Check:
    def function(_subject: object) -> Any:
        """The remedy."""
        return run()

    return check("toy", "A toy", requires=requires)(function)


def judged(run: Callable[[], Any]) -> Result:
    return run_check(check_of(run), subject=None)


def raising(error: BaseException) -> Callable[[], Any]:
    def run() -> None:
        raise error

    return run


def test_what_a_check_returns_is_what_it_found() -> None:
    assert judged(lambda: "seven").found == "seven"
    assert judged(lambda: Found("seven", {"figure": 7})).details == {"figure": 7}
    assert judged(lambda: "seven").status is Status.PASS
    assert judged(lambda: "seven").duration_s >= 0


def test_what_this_machine_lacks_is_told_with_what_to_do_and_without_a_trace() -> None:
    result = judged(raising(Problem("there is no C compiler", expected="one", do="apt-get install gcc")))
    told = (Status.ERROR, "there is no C compiler", "one", "apt-get install gcc")
    assert (result.status, result.found, result.expected, result.do) == told
    assert not result.details


@pytest.mark.parametrize(
    ("outcome", "status", "do"),
    [
        (Failed("six", expected="seven"), Status.FAIL, "The remedy."),
        (Failed("six", expected="seven", do="Add one."), Status.FAIL, "Add one."),
        (Skipped("no seven here", expected="seven"), Status.SKIPPED, ""),
        (Inconclusive("too busy", expected="seven"), Status.INCONCLUSIVE, ""),
    ],
)
def test_what_a_check_raises_is_its_status(outcome: Failed, status: Status, do: str) -> None:
    result = judged(raising(outcome))
    assert (result.status, result.found, result.expected, result.do) == (status, outcome.found, "seven", do)


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (KeyError("seven"), "KeyError: 'seven'"),
        (AssertionError(), "AssertionError"),
        (ValueError("a\n  b"), "ValueError: a b"),
        (SystemExit(), "the code called sys.exit()"),
        (SystemExit("bye"), "the code called sys.exit(bye)"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
    ],
)
def test_an_exception_of_the_check_itself_is_an_error_with_its_trace(error: BaseException, found: str) -> None:
    result = judged(raising(error))
    assert (result.status, result.found, result.expected) == (Status.ERROR, found, "a check that returns a result")
    assert "in run" in str(result.details["trace"])


def test_an_endless_message_is_cut() -> None:
    result = judged(raising(ValueError("x" * 100_000)))
    assert len(result.found) == SHOWN
    assert len(str(result.details["trace"])) == TRACE_KEPT


@pytest.mark.parametrize("details", [{"figure": object()}, MappingProxyType({"figure": 7}), {"figure": {1, 2}}])
def test_figures_that_cannot_travel_are_the_checks_own_fault(details: Any) -> None:
    assert judged(lambda: Found("seven", details)).status is Status.ERROR
    assert judged(raising(Failed("six", details=details))).status is Status.ERROR


def test_a_check_waits_for_the_first_requirement_that_did_not_pass() -> None:
    waiting = check_of(lambda: "", requires=("a", "b"))
    result = blocked(waiting, {"a": Status.PASS, "b": Status.FAIL})
    assert result is not None
    assert (result.status, result.found) == (Status.BLOCKED, "waits for `b`")
    skipped = blocked(waiting, {"a": Status.SKIPPED, "b": Status.PASS})
    assert skipped is not None
    assert (skipped.status, skipped.found) == (Status.SKIPPED, "like `a`")
    assert blocked(waiting, {"a": Status.PASS, "b": Status.PASS}) is None
