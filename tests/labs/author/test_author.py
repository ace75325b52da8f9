from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from foundation.model import Status
from foundation.problem import ExitCode, Problem
from labs.author import author
from labs.author.author import Candidate, answered, candidates, judge, one_of_each
from labs.catalogue import Lab
from tests.conftest import ROOT
from tests.labs.toy_labs import change, report, result, template_lab

VERIFY = """
import sys
from pathlib import Path
from labs import catalogue
from labs.author import author
sys.exit(author.verify(catalogue.labs(Path(sys.argv[1])), repeat=int(sys.argv[2])))
"""


def verify(python: Path, folder: Path, repeat: int = 1) -> subprocess.CompletedProcess[str]:
    """`labs.author.verify` of all labs in `folder`, on the lab's own interpreter."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [str(python), "-c", VERIFY, str(folder), str(repeat)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def lines_with(sign: str, ran: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines of `verify` that begin with `sign`, without their timing."""
    lines = [line.strip() for line in ran.stdout.splitlines() if line.strip().startswith(sign)]
    return [" ".join(line.rsplit("  ", 1)[0].split()) if line.endswith(" s") else line for line in lines]


# --- new and sync


def test_a_new_lab_passes_verify(tmp_path: Path, lab_python: Path) -> None:
    folder = author.new("lab34_work_stealing", tmp_path)
    assert folder == tmp_path / "lab34_work_stealing"
    assert "# # 34 · A lab to be" in (folder / "exercise.py").read_text()
    ran = verify(lab_python, tmp_path)
    assert lines_with("✘", ran) == []
    assert ran.stdout.splitlines()[-1] == "PASS  1 labs, 0 answers judged wrongly"
    assert ran.returncode == ExitCode.PASS


@pytest.mark.parametrize("name", ["work_stealing", "lab3_x", "lab34", "lab34_Work", "lab34_a/../b", "../lab34_x", ""])
def test_a_name_that_is_none_is_a_usage_problem(tmp_path: Path, name: str) -> None:
    with pytest.raises(Problem) as raised:
        author.new(name, tmp_path)
    assert str(raised.value) == (
        f"found:    {name!r} is no name for a lab\n"
        "expected: labNN_words\n"
        "do this:  workshop lab new lab34_work_stealing"
    )
    assert raised.value.exit_code is ExitCode.USAGE
    assert list(tmp_path.iterdir()) == []


def test_a_number_that_is_taken_is_a_usage_problem(tmp_path: Path) -> None:
    author.new("lab34_one", tmp_path)
    with pytest.raises(Problem) as raised:
        author.new("lab34_two", tmp_path)
    assert str(raised.value) == "found:    number 34 is taken by lab34_one\nexpected: a free number"
    assert [path.name for path in tmp_path.iterdir()] == ["lab34_one"]


def test_sync_writes_what_is_out_of_date_and_nothing_else(tmp_path: Path) -> None:
    one, two, three = (template_lab(tmp_path, f"lab9{number}_toy") for number in (0, 1, 2))
    one.exercise.unlink()
    two.exercise.write_text("old")
    untouched = three.exercise.stat().st_mtime_ns
    assert author.sync([one, two, three]) == ["lab90_toy/exercise.py", "lab91_toy/exercise.py"]
    assert one.exercise.read_text() == two.exercise.read_text() == three.exercise.read_text()
    assert three.exercise.stat().st_mtime_ns == untouched
    assert author.sync([one, two, three]) == []


def test_a_solution_that_cannot_be_stripped_is_named(tmp_path: Path) -> None:
    lab = template_lab(tmp_path)
    text = lab.solution.read_text()
    lab.solution.write_text(text[: text.index("    #: end")])
    with pytest.raises(Problem) as raised:
        author.sync([lab])
    assert str(raised.value) == (
        "found:    lab90_toy/solution.py: line 32: `#: answer` that no `#: end` closes\nexpected: answer, starter, end"
    )


# --- candidates


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


# --- judge


def wrong(by: str = "values") -> Candidate:
    return Candidate("wrong/x", "", by)


RIGHT = Candidate("right/x", "", "")
PASSED, DOUBTED = result(Status.PASS), result(Status.INCONCLUSIVE, "speed")
FAILED = result(Status.FAIL, found="3 is not 4")
BROKEN = result(Status.ERROR, "together", found="KeyError: 1")


@pytest.mark.parametrize("candidate", [wrong(), wrong("*")])
def test_a_wrong_answer_that_is_rejected_as_foretold_is_well_judged(candidate: Candidate) -> None:
    assert judge(candidate, report(FAILED, result(Status.BLOCKED, "speed"))) == ""


@pytest.mark.parametrize("last", [PASSED, DOUBTED])
def test_a_right_answer_that_passes_or_cannot_be_measured_is_well_judged(last: object) -> None:
    assert judge(RIGHT, report(result(Status.PASS, "loads"), last)) == ""  # type: ignore[arg-type]


def test_a_right_answer_that_is_rejected_is_not() -> None:
    assert judge(RIGHT, report(PASSED, FAILED)) == "rejected by `values`: 3 is not 4"


def test_a_wrong_answer_that_passes_is_not() -> None:
    assert judge(wrong(), report(PASSED)) == "accepted (pass), expected a rejection by `values`"
    assert judge(wrong("*"), report(PASSED, DOUBTED)) == "accepted (inconclusive), expected a rejection by `*`"


def test_a_wrong_answer_that_another_check_rejects_first_is_not() -> None:
    later = result(Status.FAIL, "together", found="")
    assert judge(wrong("together"), report(FAILED, later)) == ("rejected by `values` (3 is not 4), expected `together`")


@pytest.mark.parametrize("candidate", [RIGHT, wrong(), wrong("*")])
def test_a_check_that_breaks_judges_nothing(candidate: Candidate) -> None:
    assert judge(candidate, report(FAILED, BROKEN)) == "the check `together` broke: KeyError: 1"
    assert judge(candidate, report()) == "nothing was checked"


# --- verify


def test_verify_notices_each_answer_that_is_judged_otherwise_than_foretold(tmp_path: Path, lab_python: Path) -> None:
    lab = template_lab(tmp_path)
    lab.exercise.write_text("old")
    (lab.folder / "wrong" / "good_after_all.py").write_text(
        '"""Right.\n\nRejected by: values\n"""\n' + (lab.folder / "right" / "submit.py").read_text()
    )
    change(lab.folder / "wrong" / "one_by_one.py", "Rejected by: together", "Rejected by: values")
    change(lab.folder / "right" / "submit.py", "return [", "return 2 * [")
    ran = verify(lab_python, tmp_path)
    exercise, right, accepted, other, *more = lines_with("✘", ran)
    assert exercise == "✘ exercise.py is not what solution.py makes: workshop lab sync"
    assert right.startswith("✘ right/submit rejected by `values`: ")
    assert accepted == "✘ wrong/good_after_all accepted (pass), expected a rejection by `values`"
    assert (
        other
        == "✘ wrong/one_by_one rejected by `together` (at most 1 of the squares at the same time), expected `values`"
    )
    assert more == []
    assert ran.stdout.splitlines()[-1] == "FAIL  1 labs, 4 answers judged wrongly"
    assert ran.returncode == ExitCode.FAIL


def test_verify_notices_a_check_that_breaks_and_a_solution_that_fails(tmp_path: Path, lab_python: Path) -> None:
    template_lab(tmp_path, check=("numbers = random", "_ = exercise.function('squares')([1], 1)[0]; numbers = random"))
    template_lab(tmp_path, "lab91_toy", check=("each * each for", "each + each for"))
    ran = verify(lab_python, tmp_path)
    bad = lines_with("✘", ran)
    assert any(line.startswith("✘ squares gives None the check `values` broke: TypeError") for line in bad)
    assert any(line.startswith("✘ solution rejected by `values`: ") for line in bad)
    assert ran.returncode == ExitCode.FAIL


def test_in_brief_there_is_one_answer_for_each_verdict() -> None:
    codes = ("values", "", "", "order", "values", "order", "*", "*")
    every = [Candidate(f"answer {number}", "", code) for number, code in enumerate(codes)]
    assert [each.name for each in one_of_each(every)] == ["answer 0", "answer 1", "answer 3", "answer 6"]


def test_verify_repeats_and_counts_the_verdicts_that_differ(tmp_path: Path, lab_python: Path) -> None:
    lab: Lab = template_lab(tmp_path)
    seen = tmp_path / "seen"
    change(
        lab.check_file,
        "    numbers = random",
        f"    from pathlib import Path\n\n    seen = Path({str(seen)!r})\n    odd = seen.exists()\n"
        "    seen.unlink() if odd else seen.touch()\n    if odd:\n        raise Failed('every other time')\n"
        "    numbers = random",
    )
    change(lab.check_file, "import Found, check", "import Failed, Found, check")
    ran = verify(lab_python, tmp_path, repeat=2)
    assert "✘ solution rejected by `values`: every other time, 1 of 2 times" in lines_with("✘", ran)


def test_verify_of_nothing_is_a_problem() -> None:
    with pytest.raises(Problem) as raised:
        author.verify([])
    assert str(raised.value) == (
        "found:    there is no lab to prove\nexpected: at least one folder labNN_words in labs/"
    )
