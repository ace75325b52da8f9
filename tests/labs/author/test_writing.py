from __future__ import annotations

from pathlib import Path

import pytest

from foundation.problem import ExitCode, Problem
from labs.author import writing
from tests.labs.toy_labs import template_lab


@pytest.mark.parametrize("name", ["work_stealing", "lab3_x", "lab34", "lab34_Work", "lab34_a/../b", "../lab34_x", ""])
def test_a_name_that_is_none_is_a_usage_problem(tmp_path: Path, name: str) -> None:
    with pytest.raises(Problem) as raised:
        writing.new(name, tmp_path)
    assert str(raised.value) == (
        f"found:    {name!r} is no name for a lab\n"
        "expected: labNN_words\n"
        "do this:  workshop lab new lab34_work_stealing"
    )
    assert raised.value.exit_code is ExitCode.USAGE
    assert list(tmp_path.iterdir()) == []


def test_a_number_that_is_taken_is_a_usage_problem(tmp_path: Path) -> None:
    writing.new("lab34_one", tmp_path)
    with pytest.raises(Problem) as raised:
        writing.new("lab34_two", tmp_path)
    assert str(raised.value) == "found:    number 34 is taken by lab34_one\nexpected: a free number"
    assert [path.name for path in tmp_path.iterdir()] == ["lab34_one"]


def test_sync_writes_what_is_out_of_date_and_nothing_else(tmp_path: Path) -> None:
    one, two, three = (template_lab(tmp_path, f"lab9{number}_toy") for number in (0, 1, 2))
    one.exercise.unlink()
    two.exercise.write_text("old")
    untouched = three.exercise.stat().st_mtime_ns
    assert writing.sync([one, two, three]) == ["lab90_toy/exercise.py", "lab91_toy/exercise.py"]
    assert one.exercise.read_text() == two.exercise.read_text() == three.exercise.read_text()
    assert three.exercise.stat().st_mtime_ns == untouched
    assert writing.sync([one, two, three]) == []


def test_a_solution_that_cannot_be_stripped_is_named(tmp_path: Path) -> None:
    lab = template_lab(tmp_path)
    text = lab.solution.read_text()
    lab.solution.write_text(text[: text.index("    #: end")])
    with pytest.raises(Problem) as raised:
        writing.sync([lab])
    assert str(raised.value) == (
        "found:    lab90_toy/solution.py: line 32: `#: answer` that no `#: end` closes\nexpected: answer, starter, end"
    )
