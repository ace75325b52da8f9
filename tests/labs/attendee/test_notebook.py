from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labs import answer_regions, catalogue
from labs.attendee.notebook import RanCells, definitions, wait_until_saved
from labs.attendee.workspace import Record, Workspace
from tests.conftest import ROOT

LAB = catalogue.find("03")
DRIVER = Path(__file__).with_name("drive_kernel.py")


# --- what the kernel ran and what the file holds


@pytest.fixture
def exercise(tmp_path: Path) -> Path:
    path = tmp_path / "exercise.py"
    path.write_text("LIMIT = 3\n\n\ndef fill(y):\n    return y\n")
    return path


def ran(*sources: str) -> RanCells:
    """A kernel that has just run `sources`."""
    cells = RanCells()
    for source in sources:
        cells.note(source)
    return cells


def make_older(path: Path, seconds: float = 60) -> None:
    stamp = path.stat().st_mtime - seconds
    os.utime(path, (stamp, stamp))


def test_a_definition_that_ran_after_the_last_save_is_newer(exercise: Path) -> None:
    make_older(exercise)
    assert ran("def fill(y):\n    return 2 * y").not_in(exercise) == ["fill"]
    assert ran("LIMIT = 4").not_in(exercise) == ["LIMIT"]


def test_a_file_that_was_saved_after_the_cell_ran_is_the_newer_one(exercise: Path) -> None:
    cells = ran("def fill(y):\n    return 2 * y")
    make_older(exercise, -60)
    assert cells.not_in(exercise) == []


@pytest.mark.parametrize(
    "source",
    [
        "def fill(y):\n    # a comment\n\n    return (y)",  # the same code
        "def scratch(): ...",  # the file knows nothing of it
        "fill(3)",
        "%timeit fill(3)\ndef fill(y): return 0",  # as raw text it is no Python
        "",
    ],
)
def test_what_changes_nothing_in_the_file_is_not_newer(exercise: Path, source: str) -> None:
    make_older(exercise)
    assert ran(source).not_in(exercise) == []


def test_the_last_run_counts(exercise: Path) -> None:
    make_older(exercise)
    assert ran("def fill(y):\n    return 2 * y", "def fill(y):\n    return y").not_in(exercise) == []


def test_a_name_that_the_file_defines_twice_may_be_run_in_any_order(exercise: Path) -> None:
    exercise.write_text("def fill(y):\n    return y\n\n\ndef fill(y):\n    return -y\n")
    make_older(exercise)
    assert ran("def fill(y):\n    return -y", "def fill(y):\n    return y").not_in(exercise) == []


@pytest.mark.parametrize("content", [b"def fill(:", b"\xff\xfe", b"x = 1\x00"])
def test_a_file_that_is_no_python_cannot_be_compared(exercise: Path, content: bytes) -> None:
    exercise.write_bytes(content)
    assert definitions(content) == {}
    assert ran("def fill(y): ...").not_in(exercise) == []


def test_waiting_ends_at_once_where_all_is_saved_and_at_the_limit_where_it_is_not(exercise: Path) -> None:
    make_older(exercise)
    assert wait_until_saved(ran("def fill(y):\n    return y"), exercise) == []
    assert wait_until_saved(ran("LIMIT = 4"), exercise, limit_s=0) == ["LIMIT"]


# --- a real kernel


class Notebook:
    """Cells that run one after the other in a real kernel, in the folder of lab 03."""

    def __init__(self, kernel: subprocess.Popen[str], home: Path) -> None:
        self.kernel = kernel
        self.home = home
        self.exercise = home / LAB.name / LAB.attendee_file

    def run(self, source: str) -> dict[str, Any]:
        """What the cell left below it: `printed`, `html` (the last state of a display), `markdown`, `error`."""
        assert self.kernel.stdin
        assert self.kernel.stdout
        self.kernel.stdin.write(json.dumps(source) + "\n")
        self.kernel.stdin.flush()
        answer = self.kernel.stdout.readline()
        assert answer, "the kernel's driver has ended"
        return json.loads(answer)  # type: ignore[no-any-return]

    @property
    def record(self) -> Record:
        return Workspace(self.home).record(LAB)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    Workspace(home).deliver(catalogue.labs())
    return home


@pytest.fixture(scope="module")
def notebook(home: Path, lab_python: Path) -> Iterator[Notebook]:
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHON_GIL"},
        "PYTHONPATH": str(ROOT),
        "WORKSHOP_HOME": str(home),
        "IPYTHONDIR": str(home / ".ipython"),
    }
    kernel = subprocess.Popen(
        [str(lab_python), str(DRIVER)],
        cwd=home / LAB.name,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with kernel:
        yield Notebook(kernel, home)
        assert kernel.stdin
        kernel.stdin.close()


@pytest.fixture
def afresh(notebook: Notebook) -> Notebook:
    """The notebook with the exercise as it was handed out, and no record."""
    notebook.exercise.write_text(LAB.exercise.read_text())
    (notebook.home / ".workshop" / "lab03.json").unlink(missing_ok=True)
    return notebook


def test_threads_do_not_count_references_to_the_constants_of_a_cell(notebook: Notebook) -> None:
    notebook.run("def scaled(x): return x * 2.5")
    ran = notebook.run("import sys; print(scaled(2), sys.getrefcount(scaled.__code__.co_consts[-1]) > 2**30)")
    assert (ran["printed"], ran["error"]) == ("5.0 True\n", None)


def test_check_draws_fail_with_its_reason_and_the_way_to_a_hint(afresh: Notebook) -> None:
    (verdict,) = (ran := afresh.run("%check"))["html"]
    assert ">FAIL</span>" in verdict
    assert "at most 1 of the rows at the same time" in verdict
    assert "<code>%hint</code> shows the next hint (0 of 3 shown)" in verdict
    assert "<svg" in verdict
    assert (ran["error"], ran["markdown"]) == (None, [])
    assert (afresh.record.attempts, afresh.record.last_status) == (1, "fail")
    assert "| … | [03 Mandelbrot" in (afresh.home / "index.md").read_text()


def test_check_of_the_solution_is_proved_and_followed_by_the_last_word(afresh: Notebook) -> None:
    afresh.exercise.write_text(answer_regions.without_markers(LAB.solution.read_text()))
    (verdict,) = (ran := afresh.run("%check"))["html"]
    assert ">PASS</span>" in verdict or "Your answer is right." in verdict
    assert ran["markdown"] == [LAB.after]
    assert afresh.record.is_passed
    assert "ThreadPoolExecutor(workers)" in afresh.run("%solution")["markdown"][0]


def test_hints_come_in_three_and_stay_at_the_last(afresh: Notebook) -> None:
    hints = [afresh.run("%hint")["markdown"][0] for _ in range(4)]
    last = f"**Hint 3 of 3**\n\n{LAB.hints[2]}"
    assert hints == [f"**Hint 1 of 3**\n\n{LAB.hints[0]}", f"**Hint 2 of 3**\n\n{LAB.hints[1]}", last, last]
    assert afresh.record.hints_shown == 3


def test_the_solution_is_refused_until_one_gives_up_and_is_code_only(afresh: Notebook) -> None:
    refused = afresh.run("%solution")
    assert refused["printed"].startswith("found:    lab 03 has not passed yet\n")
    assert "or: %solution --give-up" in refused["printed"]
    (shown,) = afresh.run("%solution --give-up")["markdown"]
    assert shown.startswith("```python\n")
    assert "def render(" in shown
    assert "Choose *Kernel" not in shown
    assert "#: answer" not in shown
    assert afresh.record.solution_shown


def test_a_definition_that_ran_but_was_not_saved_is_warned_of(afresh: Notebook) -> None:
    afresh.exercise.write_text("def render(): ...\n\n\nraise ValueError\n")  # a short check
    make_older(afresh.exercise)
    afresh.run("%time 1\ndef render():\n    return None")
    (verdict,) = afresh.run("%check")["html"]
    assert "<b>Not saved:</b> the kernel ran a newer <code>render</code>" in verdict
    afresh.exercise.touch()
    assert "Not saved" not in afresh.run("%check")["html"][0]


def test_an_unknown_lab_is_told_in_words_not_by_a_traceback(afresh: Notebook) -> None:
    ran = afresh.run("%check no_such_lab")
    assert ran["printed"].startswith("found:    there is no lab 'no_such_lab'\n")
    assert ran["error"] is None


def test_the_lab_may_be_named_from_anywhere(afresh: Notebook) -> None:
    assert "Hint 1 of 3" in afresh.run("%hint 03")["markdown"][0]


def test_the_kit_draws_into_the_notebook(afresh: Notebook) -> None:
    ran = afresh.run(
        "from labs.kit import *\nfrom labs.kit import Timeline\nt = Timeline()\nwith t.span('x'): pass\nt.show()"
    )
    assert ran["svg"][0].startswith("<svg")
    assert afresh.run("import numpy as np; show_image(np.eye(3))")["images"] == 1
