from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.problem import Problem
from labs.answer_regions import names, put_in, strip, without_markers

SOLUTION = '''"""What it is about."""

import math

# a comment that stays
LIMIT = 3


@property
def area(radius):
    """The area."""
    #: answer  use the formula.
    return math.pi * radius**2
    #: starter
    # # think of a disk
    # return 0
    #
    #: end


class Disk:
    radius = 1  # beside it
'''


def test_an_answer_gives_way_to_its_task_and_its_starter() -> None:
    assert "    # Your turn: use the formula.\n    # think of a disk\n    return 0\n\n\n\nclass" in strip(SOLUTION)


def test_the_exercise_holds_neither_markers_nor_the_answer() -> None:
    assert "math.pi" not in strip(SOLUTION)
    assert "#:" not in strip(SOLUTION)


def test_an_answer_may_have_no_task_and_no_starter() -> None:
    assert strip("x = 1\n#: answer\ny = 2\n#: end\nz = 3\n") == "x = 1\nz = 3\n"


def test_the_solution_as_shown_holds_the_answer_without_starter_and_markers() -> None:
    shown = without_markers(SOLUTION)
    assert "return math.pi * radius**2\n" in shown
    assert "think of a disk" not in shown
    assert "#:" not in shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\n#: answer\ny = 2\n", "line 2: `#: answer` that no `#: end` closes"),
        ("#: answer\n#: starter\n# a\n#: answer\n#: end\n", "line 1: `#: answer` that no `#: end` closes"),
        ("#: starter\n", "line 1: `#: starter` without `#: answer` before it"),
        ("#: answer\n#: end\n#: end\n", "line 3: `#: end` without `#: answer` before it"),
        ("#: answer\n#: starter\nbare = 1\n#: end\n", "line 3: a starter line that is no comment: `bare = 1`"),
    ],
)
def test_a_region_that_is_not_as_it_should_be_is_a_problem(text: str, said: str) -> None:
    with pytest.raises(Problem) as raised:
        strip(text)
    assert str(raised.value).startswith(f"found:    {said}\nexpected: ")


def test_a_definition_takes_the_place_of_its_namesake_decorators_included() -> None:
    put = put_in(SOLUTION, '"""Why it is wrong."""\n\n\n@staticmethod\ndef area(radius):\n    return 1  # so there\n')
    assert '"""What it is about."""\n\nimport math\n\n# a comment that stays\nLIMIT = 3\n\n\n@static' in put
    assert "@property" not in put
    assert "return 1  # so there\n\n\nclass Disk" in put
    assert "Why it is wrong" not in put


def test_classes_and_variables_are_replaced_too() -> None:
    put = put_in(SOLUTION, "LIMIT: int = 4\n\n\nclass Disk:\n    radius = 2\n")
    assert "LIMIT: int = 4\n\n\n@property" in put
    assert put.endswith("\n\n\nclass Disk:\n    radius = 2\n")


def test_what_has_no_namesake_goes_before_the_first_definition_that_is_replaced() -> None:
    put = put_in(SOLUTION, "import os\n\n\ndef extra():\n    pass\n\n\nclass Disk:\n    radius = extra()\n")
    assert put.index("def area") < put.index("import os") < put.index("def extra") < put.index("class Disk")


def test_a_replacement_that_replaces_nothing_is_a_problem() -> None:
    with pytest.raises(Problem) as raised:
        put_in(SOLUTION, "def aera(radius):\n    return 1\n")
    assert str(raised.value) == (
        "found:    the replacement defines nothing that the solution has\nexpected: one of LIMIT, area, Disk"
    )


def test_a_form_feed_does_not_shift_the_lines() -> None:
    put = put_in('PAGE = "\x0c"\ndef one():\n    return 1\n', "def one():\n    return 2\n")
    assert put == 'PAGE = "\x0c"\ndef one():\n    return 2\n'


@pytest.mark.parametrize("name", ["LIMIT", "area", "Disk"])
def test_a_solution_s_own_definition_changes_nothing_but_the_markers(name: str) -> None:
    shown = without_markers(SOLUTION)
    (node,) = (node for node in ast.parse(shown).body if name in names(node))
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
    own = "\n".join(shown.split("\n")[first - 1 : node.end_lineno])
    assert put_in(SOLUTION, own) == shown


plain_line = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r#")).map(lambda text: f"k{text}")
answer_line = plain_line.map(lambda text: f"SECRET {text}")
starter_line = plain_line.map(lambda text: f"# START {text}")
region = st.tuples(st.lists(answer_line), st.lists(starter_line)).map(
    lambda both: ["#: answer", *both[0], "#: starter", *both[1], "#: end"]
)
solutions = st.lists(plain_line.map(lambda line: [line]) | region).map(
    lambda parts: [each for part in parts for each in part]
)


@given(solutions)
def test_stripping_never_leaves_an_answer_and_never_loses_another_line(lines: list[str]) -> None:
    stripped = strip("\n".join(lines) + "\n")
    assert "SECRET" not in stripped
    kept = [line.removeprefix("# ") for line in lines if line.startswith(("k", "# "))]
    assert stripped == "\n".join(kept) + "\n"


@given(solutions)
def test_the_shown_solution_has_each_answer_and_no_starter(lines: list[str]) -> None:
    shown = without_markers("\n".join(lines) + "\n")
    assert "START" not in shown
    assert shown == "\n".join(line for line in lines if not line.startswith("#")) + "\n"
