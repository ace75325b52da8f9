from __future__ import annotations

from pathlib import Path

import pytest

from foundation.problem import ExitCode, Problem
from labs.author.candidates import Candidate, answered, candidates, one_of_each
from tests.labs.toy_labs import change, template_lab


def test_candidates_are_starter_solution_right_wrong_and_nothing_at_all(tmp_path: Path) -> None:
    found = {each.name: each.rejected_by for each in candidates(template_lab(tmp_path))}
    assert found == {
        "starter": "together",
        "solution": "",
        "right/submit": "",
        "wrong/in_place": "values",
        "wrong/one_by_one": "together",
        "wrong/sorted_results": "values",
        "squares gives None": "*",
    }


def test_too_few_answers_are_a_problem(tmp_path: Path) -> None:
    lab = template_lab(tmp_path)
    (lab.folder / "wrong" / "in_place.py").unlink()
    with pytest.raises(Problem) as raised:
        list(candidates(lab))
    assert str(raised.value) == (
        "found:    lab90_toy has 1 right and 2 wrong answers\nexpected: 1 and 3 at least, in right/ and wrong/"
    )
    assert raised.value.exit_code is ExitCode.FAIL


def test_a_wrong_answer_that_does_not_say_who_rejects_it_is_a_problem(tmp_path: Path) -> None:
    lab = template_lab(tmp_path)
    change(lab.folder / "wrong" / "in_place.py", "Rejected by: values", "Wrong.")
    with pytest.raises(Problem) as raised:
        list(candidates(lab))
    assert str(raised.value) == (
        "found:    lab90_toy/wrong/in_place.py does not say which check rejects it\n"
        "expected: a line `Rejected by: CODE` in its docstring"
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def cubes(): ...\n", "the replacement defines nothing that the solution has"),
        ("def squares(:\n", "invalid syntax (<unknown>, line 1)"),
    ],
)
@pytest.mark.parametrize("kind", ["right", "wrong"])
def test_an_answer_that_cannot_be_put_in_is_named(tmp_path: Path, kind: str, text: str, found: str) -> None:
    lab = template_lab(tmp_path)
    (lab.folder / kind / "another.py").write_text(text)
    with pytest.raises(Problem) as raised:
        list(candidates(lab))
    assert str(raised.value).startswith(f"found:    lab90_toy/{kind}/another.py: {found}\nexpected: ")


def test_each_function_and_class_with_an_answer_is_tried_without_one() -> None:
    hole = "    #: answer\n    return 1\n    #: end\n"
    source = f"def one():\n{hole}\ndef given(): ...\n\nclass Two:\n  def get(self):\n{hole}"
    assert answered(source) == ["one", "Two"]


def test_in_brief_there_is_one_answer_for_each_verdict() -> None:
    codes = ("values", "", "", "order", "values", "order", "*", "*")
    every = [Candidate(f"answer {number}", "", code) for number, code in enumerate(codes)]
    assert [each.name for each in one_of_each(every)] == ["answer 0", "answer 1", "answer 3", "answer 6"]
