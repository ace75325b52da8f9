"""Checks are collected in the order in which they can run, and chosen by name; what makes no sense is refused."""

from __future__ import annotations

from types import ModuleType

import pytest

from checks.suite import DEFAULT_LIMIT_S, Check, check, collect, select
from foundation.problem import ExitCode, Problem


def make(code: str, *requires: str) -> Check:
    def run(_subject: object) -> str:
        """Do it."""
        return "done"

    return check(code, f"The {code}", requires=requires)(run)


def module(*checks: Check, name: str = "toy") -> ModuleType:
    made = ModuleType(name)
    vars(made).update({f"function_{number}": each for number, each in enumerate(checks)})
    return made


def codes(checks: tuple[Check, ...]) -> list[str]:
    return [each.code for each in checks]


def test_a_check_is_made_of_its_function_and_the_docstring_is_the_remedy() -> None:
    @check("pixels", "Every pixel is right", limit_s=3)
    def pixels(_subject: object) -> str:
        """Compare one row,
        then the next.
        """
        return "right"

    assert (pixels.code, pixels.title, pixels.limit_s) == ("pixels", "Every pixel is right", 3)
    assert pixels.remedy == "Compare one row,\nthen the next."
    assert pixels.run(None) == "right"
    assert make("other").limit_s == DEFAULT_LIMIT_S


def test_a_check_without_a_docstring_is_refused() -> None:
    def silent(_subject: object) -> str:
        return ""

    with pytest.raises(TypeError, match="check 'silent' has no docstring: it is the remedy that a failure shows"):
        check("silent", "Says nothing")(silent)


def test_checks_keep_the_order_in_which_they_are_written() -> None:
    assert codes(collect(module(make("c"), make("a")), module(make("b")))) == ["c", "a", "b"]


def test_a_check_comes_after_all_that_it_requires() -> None:
    written = module(make("top", "left", "right"), make("left", "base"), make("right", "base"), make("base"))
    assert codes(collect(written)) == ["base", "left", "right", "top"]


def test_checks_that_can_run_come_in_the_order_in_which_they_are_written() -> None:
    written = module(make("late", "base"), make("free"), make("base"), make("last", "free"))
    assert codes(collect(written)) == ["free", "base", "late", "last"]


def test_no_check_at_all_is_refused() -> None:
    with pytest.raises(Problem) as raised:
        collect(module(name="empty"), module(name="bare"))
    assert str(raised.value) == "found:    no check in empty, bare\nexpected: at least one function under @check(...)"


def test_a_code_that_is_used_twice_is_refused() -> None:
    with pytest.raises(Problem) as raised:
        collect(module(make("same"), make("other")), module(make("same")))
    assert str(raised.value) == "found:    check codes used twice in toy, toy: same\nexpected: each code once"


def test_a_requirement_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Problem) as raised:
        collect(module(make("one", "none"), make("two")))
    assert str(raised.value) == "found:    check 'one' requires 'none'\nexpected: one of one, two"


def test_checks_that_require_each_other_are_refused() -> None:
    with pytest.raises(Problem) as raised:
        collect(module(make("a", "b"), make("b", "c"), make("c", "a")))
    assert str(raised.value) == "found:    checks require each other in a circle: a -> b -> c -> a"


def test_of_checks_that_lead_into_a_circle_only_the_circle_is_told() -> None:
    with pytest.raises(Problem) as raised:
        collect(module(make("start", "b"), make("b", "c"), make("c", "b"), make("apart")))
    assert str(raised.value) == "found:    checks require each other in a circle: b -> c -> b"


@pytest.fixture
def every() -> tuple[Check, ...]:
    return collect(
        module(make("python"), make("gil.off", "python"), make("gil.imports", "gil.off"), make("gpu", "python"))
    )


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ([], ["python", "gil.off", "gil.imports", "gpu"]),
        (["python"], ["python"]),
        (["gpu"], ["python", "gpu"]),
        (["gil.imports"], ["python", "gil.off", "gil.imports"]),
        (["gil"], ["python", "gil.off", "gil.imports"]),
        (["gpu", "gil.off"], ["python", "gil.off", "gpu"]),
    ],
)
def test_checks_are_chosen_by_name_or_its_beginning_with_all_that_they_require(
    every: tuple[Check, ...], wanted: list[str], chosen: list[str]
) -> None:
    assert codes(select(every, wanted)) == chosen


@pytest.mark.parametrize(("name", "hint"), [("gli.off", "did you mean gil.off?"), ("zzz", "--list shows them all")])
def test_a_name_that_matches_nothing_is_a_usage_error_with_the_nearest_name(
    every: tuple[Check, ...], name: str, hint: str
) -> None:
    with pytest.raises(Problem) as raised:
        select(every, ["python", name])
    assert raised.value.exit_code is ExitCode.USAGE
    assert str(raised.value) == (
        f"found:    no check is named '{name}'\nexpected: a code or the beginning of one\ndo this:  {hint}"
    )
