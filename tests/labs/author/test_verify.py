from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from foundation.model import Status
from foundation.problem import ExitCode, Problem
from labs.author import writing
from labs.author.candidates import Candidate
from labs.author.verify import judge, verify
from labs.catalogue import Lab
from tests.conftest import ROOT
from tests.labs.toy_labs import change, report, result, template_lab

VERIFY = """
import sys
from pathlib import Path
from labs import catalogue
from labs.author.verify import verify
sys.exit(verify(catalogue.labs(Path(sys.argv[1])), repeat=int(sys.argv[2])))
"""


def run_verify(python: Path, folder: Path, repeat: int = 1) -> subprocess.CompletedProcess[str]:
    """`verify` of all labs in `folder`, on the lab's own interpreter."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [str(python), "-c", VERIFY, str(folder), str(repeat)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def lines_with(sign: str, ran: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines of `verify` that begin with `sign`, without their timing."""
    lines = [line.strip() for line in ran.stdout.splitlines() if line.strip().startswith(sign)]
    return [" ".join(line.rsplit("  ", 1)[0].split()) if line.endswith(" s") else line for line in lines]


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


def test_a_new_lab_passes_verify(tmp_path: Path, lab_python: Path) -> None:
    folder = writing.new("lab34_work_stealing", tmp_path)
    assert folder == tmp_path / "lab34_work_stealing"
    assert "# # 34 · A lab to be" in (folder / "exercise.py").read_text()
    ran = run_verify(lab_python, tmp_path)
    assert lines_with("✘", ran) == []
    assert ran.stdout.splitlines()[-1] == "PASS  1 labs, 0 answers judged wrongly"
    assert ran.returncode == ExitCode.PASS


def test_verify_notices_each_answer_that_is_judged_otherwise_than_foretold(tmp_path: Path, lab_python: Path) -> None:
    lab = template_lab(tmp_path)
    lab.exercise.write_text("old")
    (lab.folder / "wrong" / "good_after_all.py").write_text(
        '"""Right.\n\nRejected by: values\n"""\n' + (lab.folder / "right" / "submit.py").read_text()
    )
    change(lab.folder / "wrong" / "one_by_one.py", "Rejected by: together", "Rejected by: values")
    change(lab.folder / "right" / "submit.py", "return [", "return 2 * [")
    ran = run_verify(lab_python, tmp_path)
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
    ran = run_verify(lab_python, tmp_path)
    bad = lines_with("✘", ran)
    assert any(line.startswith("✘ squares gives None the check `values` broke: TypeError") for line in bad)
    assert any(line.startswith("✘ solution rejected by `values`: ") for line in bad)
    assert ran.returncode == ExitCode.FAIL


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
    ran = run_verify(lab_python, tmp_path, repeat=2)
    assert "✘ solution rejected by `values`: every other time, 1 of 2 times" in lines_with("✘", ran)


def test_verify_of_nothing_is_a_problem() -> None:
    with pytest.raises(Problem) as raised:
        verify([])
    assert str(raised.value) == (
        "found:    there is no lab to prove\nexpected: at least one folder labNN_words in labs/"
    )
