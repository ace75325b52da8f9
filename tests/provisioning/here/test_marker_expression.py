from __future__ import annotations

import pytest

from provisioning.here.marker_expression import expression_of, may_choose


@pytest.mark.parametrize(
    ("arguments", "expression"),
    [
        ([], ""),
        (["tests/hub", "-x"], ""),
        (["-m", "not lab_env", "tests/hub"], "not lab_env"),
        (["-mdocker", "-q"], "docker"),
        (["-m", "docker", "-k", "queue", "-m", "not docker"], "not docker"),
        (["--maxfail=1", "-vv"], ""),
    ],
)
def test_the_last_expression_counts(arguments: list[str], expression: str) -> None:
    assert expression_of(arguments) == expression


@pytest.mark.parametrize(
    "expression", ["", "  ", "lab_env", "not docker", "lab_env or e2e", "not (docker and lab_env)"]
)
def test_it_may_choose_a_test_of_the_lab_environment(expression: str) -> None:
    assert may_choose(expression, "lab_env")


@pytest.mark.parametrize(
    "expression", ["not lab_env", "not lab_env and not docker", "not (docker or lab_env)", "docker and not lab_env"]
)
def test_it_chooses_none_of_the_lab_environment(expression: str) -> None:
    assert not may_choose(expression, "lab_env")


@pytest.mark.parametrize("expression", ["docker", "e2e and not docker"])
def test_a_test_may_carry_other_markers_too(expression: str) -> None:
    assert may_choose(expression, "lab_env")


@pytest.mark.parametrize("expression", ["not", "lab_env(", "not lab_env and"])
def test_what_cannot_be_understood_may_choose_anything(expression: str) -> None:
    assert may_choose(expression, "lab_env")
