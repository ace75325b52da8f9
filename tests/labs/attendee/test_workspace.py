from __future__ import annotations

import fcntl
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from foundation.model import Status
from foundation.problem import Problem
from labs.attendee import workspace
from labs.attendee.workspace import Delivery, Record, Workspace, is_proved
from labs.catalogue import Lab
from tests.conftest import ROOT
from tests.labs.toy_labs import report, result, toy_lab

EXERCISE = "lab90_toy/lab90.py"
FILES = {"data/rows.csv": "1,2"}


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    home = tmp_path / "home"
    home.mkdir()
    return Workspace(home)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return toy_lab(tmp_path / "labs")


@pytest.fixture
def newer(space: Workspace, lab: Lab) -> Lab:
    """The lab in version 2, after version 1 was delivered."""
    space.deliver([lab])
    return toy_lab(lab.folder.parent, version=2)


def backups(space: Workspace) -> list[str]:
    """The content of each file that `reset` has kept."""
    return sorted(path.read_text() for path in (space.home / ".workshop" / "backups").rglob("*") if path.is_file())


# --- delivery


def test_first_delivery_brings_the_exercise_and_what_lies_beside_it(space: Workspace, tmp_path: Path) -> None:
    lab = toy_lab(tmp_path / "labs", files=FILES)
    assert space.deliver([lab]) == Delivery(new=(EXERCISE, "lab90_toy/data/rows.csv"))
    assert (space.home / EXERCISE).read_text() == "# version 1\nx = 0\n"
    assert (space.home / "lab90_toy/data/rows.csv").read_text() == "1,2, version 1"


def test_second_delivery_of_the_same_has_nothing_to_do(space: Workspace, lab: Lab) -> None:
    space.deliver([lab])
    assert space.deliver([lab]) == Delivery()


def test_a_file_that_nobody_edited_is_updated(space: Workspace, newer: Lab) -> None:
    assert space.deliver([newer]) == Delivery(updated=(EXERCISE,))
    assert "version 2" in (space.home / EXERCISE).read_text()


def test_an_edited_file_is_never_overwritten_and_is_named_as_kept(space: Workspace, newer: Lab) -> None:
    (space.home / EXERCISE).write_text("mine")
    for _ in range(2):
        assert space.deliver([newer]) == Delivery(kept=(EXERCISE,))
    assert (space.home / EXERCISE).read_text() == "mine"


def test_an_edited_file_of_which_there_is_no_newer_text_is_not_worth_a_word(space: Workspace, lab: Lab) -> None:
    space.deliver([lab])
    (space.home / EXERCISE).write_text("mine")
    assert space.deliver([lab]) == Delivery()


def test_a_removed_file_stays_removed_until_reset(space: Workspace, newer: Lab) -> None:
    (space.home / EXERCISE).unlink()
    assert space.deliver([newer]) == Delivery()
    assert not (space.home / EXERCISE).exists()
    assert space.reset(newer) is None
    assert "version 2" in (space.home / EXERCISE).read_text()


def test_a_file_that_was_there_before_the_first_delivery_is_kept(space: Workspace, lab: Lab) -> None:
    (space.home / "lab90_toy").mkdir()
    (space.home / EXERCISE).write_text("mine")
    assert space.deliver([lab]) == Delivery(kept=(EXERCISE,))


@pytest.mark.parametrize("damage", ["", "{", "[]", '"text"', '{"lab90_toy/lab90.py": 7}', "[" * 100_000])
def test_without_a_readable_record_nothing_is_overwritten(space: Workspace, newer: Lab, damage: str) -> None:
    (space.home / ".workshop/delivered.json").write_text(damage)
    assert space.deliver([newer]) == Delivery(kept=(EXERCISE,))
    space.reset(newer)
    newest = toy_lab(newer.folder.parent, version=3)
    assert space.deliver([newest]) == Delivery(updated=(EXERCISE,))


def test_a_link_in_the_place_of_a_file_is_kept_and_what_it_leads_to_as_well(space: Workspace, newer: Lab) -> None:
    elsewhere = space.home / "elsewhere.py"
    (space.home / EXERCISE).rename(elsewhere)
    (space.home / EXERCISE).symlink_to(elsewhere)
    assert space.deliver([newer]) == Delivery(kept=(EXERCISE,))
    assert (space.home / EXERCISE).is_symlink()
    assert "version 1" in elsewhere.read_text()


@pytest.mark.parametrize("is_link", [False, True])
def test_a_folder_or_a_dead_link_in_the_place_of_a_file_is_kept(space: Workspace, newer: Lab, is_link: bool) -> None:
    mine = space.home / EXERCISE
    mine.unlink()
    if is_link:
        mine.symlink_to("nowhere")
    else:
        mine.mkdir()
        (mine / "notes.txt").write_text("mine")
    assert space.deliver([newer]) == Delivery(kept=(EXERCISE,))
    backup = space.reset(newer)
    assert backup
    assert (backup / "lab90.py").is_symlink() is is_link
    assert is_link or backups(space) == ["mine"]
    assert "version 2" in mine.read_text()


def test_a_file_in_the_place_of_the_lab_s_folder_is_a_problem_and_stays(space: Workspace, lab: Lab) -> None:
    (space.home / "lab90_toy").write_text("mine")
    with pytest.raises(Problem, match=r"lab90\.py cannot be written"):
        space.deliver([lab])
    assert (space.home / "lab90_toy").read_text() == "mine"


# --- what may come in between


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Within the block no file grows beyond `size` bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_an_update_that_finds_no_room_leaves_what_was_there_and_comes_again(space: Workspace, newer: Lab) -> None:
    with files_up_to(40), pytest.raises(Problem, match="File too large"):  # the exercise fits, the record does not
        space.deliver([newer])
    assert "version 1" in (space.home / EXERCISE).read_text()
    assert space.deliver([newer]) == Delivery(updated=(EXERCISE,))


def test_an_update_that_was_noted_but_not_made_is_still_no_edit(space: Workspace, newer: Lab) -> None:
    newer.exercise.write_text("x = 0\n" * 1000)
    with files_up_to(2000), pytest.raises(Problem, match="File too large"):  # the record fits, the exercise does not
        space.deliver([newer])
    newest = toy_lab(newer.folder.parent, version=3)
    assert space.deliver([newest]) == Delivery(updated=(EXERCISE,))


def test_a_first_delivery_that_was_made_but_not_noted_is_no_edit(space: Workspace, lab: Lab) -> None:
    with files_up_to(40), pytest.raises(Problem, match="File too large"):
        space.deliver([lab])
    assert space.deliver([lab]) == Delivery()
    assert space.deliver([toy_lab(lab.folder.parent, version=2)]) == Delivery(updated=(EXERCISE,))


def test_a_reset_that_finds_no_room_leaves_the_edit(space: Workspace, lab: Lab) -> None:
    space.deliver([lab])
    (space.home / EXERCISE).write_text("mine " * 1000)
    with files_up_to(100), pytest.raises(Problem, match="File too large"):
        space.reset(lab)
    assert (space.home / EXERCISE).read_text() == "mine " * 1000


AS_NOBODY = """
import os, sys
from pathlib import Path
from foundation.problem import Problem
from labs import catalogue
from labs.attendee import workspace
lab = catalogue.read(Path(sys.argv[1]))
if os.geteuid() == 0:
    os.setgid(65534), os.setuid(65534)
try:
    workspace.Workspace(Path(sys.argv[2])).deliver([lab])
except Problem as problem:
    print(problem)
"""


def test_a_folder_that_is_not_the_attendee_s_is_a_problem_and_stays_as_it_is() -> None:
    with TemporaryDirectory() as folder:  # not tmp_path: another user must be able to look into it
        Path(folder).chmod(0o755)
        lab, home = toy_lab(Path(folder) / "labs"), Path(folder) / "home"
        home.mkdir()
        (home / "notes.txt").write_text("mine")
        home.chmod(0o555)
        command = [sys.executable, "-c", AS_NOBODY, str(lab.folder), str(home)]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert f"found:    {home}/.workshop/lock cannot be written: Permission denied\n" in ran.stdout
        assert [path.name for path in home.iterdir()] == ["notes.txt"]


DELIVERS = """
import sys
from pathlib import Path
from labs import catalogue
from labs.attendee import workspace
lab, space = catalogue.read(Path(sys.argv[1])), workspace.Workspace(Path(sys.argv[2]))
print("ready", flush=True)
print(len(space.deliver([lab]).new))
"""


def test_deliveries_at_once_wait_for_each_other(space: Workspace, lab: Lab) -> None:
    own = space.home / ".workshop"
    own.mkdir()
    command = [sys.executable, "-c", DELIVERS, str(lab.folder), str(space.home)]
    with (own / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
        assert [each.stdout.readline() for each in running if each.stdout] == ["ready\n"] * 3
        assert not (space.home / EXERCISE).exists()
    said = [each.communicate()[0] for each in running]
    assert sorted(said) == ["0\n", "0\n", "1\n"]


def test_no_report_is_lost_when_several_are_noted_at_once(space: Workspace, lab: Lab) -> None:
    failed = report(result(Status.FAIL))
    with ThreadPoolExecutor(8) as pool:
        for noted in [pool.submit(space.note_report, lab, failed) for _ in range(40)]:
            noted.result()
    assert space.record(lab).attempts == 40


# --- reset


def test_reset_gives_the_exercise_back_and_keeps_the_edit(space: Workspace, lab: Lab) -> None:
    space.deliver([lab])
    (space.home / EXERCISE).write_text("mine")
    backup = space.reset(lab)
    assert backup
    assert (backup / "lab90.py").read_text() == "mine"
    assert (space.home / EXERCISE).read_text() == lab.exercise.read_text()


def test_each_reset_keeps_its_own_backup_also_within_one_second(space: Workspace, lab: Lab) -> None:
    space.deliver([lab])
    for text in ("one", "two", "three"):
        (space.home / EXERCISE).write_text(text)
        space.reset(lab)
    assert backups(space) == ["one", "three", "two"]


def test_reset_keeps_edits_of_all_that_came_with_the_lab(space: Workspace, tmp_path: Path) -> None:
    lab = toy_lab(tmp_path / "labs", files=FILES)
    space.deliver([lab])
    (space.home / "lab90_toy/data/rows.csv").write_text("my rows")
    backup = space.reset(lab)
    assert backup
    assert [str(path.relative_to(backup)) for path in backup.rglob("*") if path.is_file()] == ["data/rows.csv"]
    assert (backup / "data/rows.csv").read_text() == "my rows"


def test_reset_of_what_nobody_edited_keeps_nothing_and_brings_the_newest(space: Workspace, newer: Lab) -> None:
    assert space.reset(newer) is None
    assert "version 2" in (space.home / EXERCISE).read_text()
    assert not (space.home / ".workshop/backups").exists()


def test_reset_brings_a_lab_that_was_never_delivered(space: Workspace, lab: Lab) -> None:
    assert space.reset(lab) is None
    assert space.exercise(lab).read_text() == lab.exercise.read_text()


def test_the_attendee_s_own_files_in_a_lab_are_nobody_else_s(space: Workspace, newer: Lab) -> None:
    own = space.home / "lab90_toy/notes.md"
    own.write_text("mine")
    space.deliver([newer])
    space.reset(newer)
    assert own.read_text() == "mine"


# --- records


def test_an_exercise_that_is_not_there_is_a_problem(space: Workspace, lab: Lab) -> None:
    with pytest.raises(Problem) as raised:
        space.exercise(lab)
    assert str(raised.value) == (
        f"found:    there is no lab90_toy/lab90.py in {space.home}\n"
        "expected: the exercise that came with the lab\n"
        "do this:  workshop lab reset 90"
    )


def test_a_pass_is_kept_for_ever_and_each_attempt_counted(space: Workspace, lab: Lab) -> None:
    assert not space.note_report(lab, report(result(Status.FAIL))).is_passed
    passed = space.note_report(lab, report(result(Status.PASS)))
    failed = space.note_report(lab, report(result(Status.FAIL)))
    assert (failed.attempts, failed.last_status, failed.passed_at) == (3, "fail", passed.passed_at)
    assert space.record(lab) == failed


def test_the_last_report_lies_beside_the_figures_and_a_hint_leaves_it_there(space: Workspace, lab: Lab) -> None:
    space.note_report(lab, report(result(Status.FAIL, found="no")))
    space.note_hint(lab)
    noted = json.loads((space.home / ".workshop/lab90.json").read_text())
    assert noted["report"]["results"][0]["found"] == "no"
    assert (noted["attempts"], noted["hints_shown"]) == (1, 1)


def test_hints_go_up_to_the_last_and_stay_there(space: Workspace, lab: Lab) -> None:
    assert [space.note_hint(lab) for _ in range(5)] == [1, 2, 3, 3, 3]


def test_that_the_solution_was_shown_is_noted(space: Workspace, lab: Lab) -> None:
    space.note_solution(lab)
    assert space.record(lab) == Record(solution_shown=True)


@pytest.mark.parametrize("damage", ["", "{", "[1]", "\xff", '{"attempts": "many", "passed_at": [], "colour": "red"}'])
def test_a_record_that_cannot_be_read_is_begun_anew(space: Workspace, lab: Lab, damage: str) -> None:
    space.note_report(lab, report(result(Status.FAIL)))
    (space.home / ".workshop/lab90.json").write_bytes(damage.encode("latin-1"))
    assert space.record(lab) == Record()
    assert space.note_report(lab, report(result(Status.PASS))).attempts == 1


@pytest.mark.parametrize(
    ("statuses", "proved"),
    [
        ([Status.PASS, Status.PASS], True),
        ([Status.PASS, Status.SKIPPED], True),
        ([Status.PASS, Status.INCONCLUSIVE], True),
        ([Status.PASS, Status.INCONCLUSIVE, Status.BLOCKED], False),
        ([Status.PASS, Status.FAIL], False),
        ([Status.PASS, Status.ERROR], False),
        ([Status.SKIPPED], False),
        ([], False),
    ],
)
def test_proved_is_what_did_not_fail_break_or_wait(statuses: list[Status], proved: bool) -> None:
    assert is_proved(report(*(result(status) for status in statuses))) is proved


def test_workshop_home_names_the_folder(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSHOP_HOME", str(space.home))
    assert workspace.here().home == space.home


@pytest.mark.parametrize(
    ("home", "found"),
    [(None, "WORKSHOP_HOME is not set"), (os.devnull, "WORKSHOP_HOME names /dev/null, which is no folder")],
)
def test_without_a_folder_there_is_a_problem(monkeypatch: pytest.MonkeyPatch, home: str | None, found: str) -> None:
    monkeypatch.delenv("WORKSHOP_HOME", raising=False)
    if home:
        monkeypatch.setenv("WORKSHOP_HOME", home)
    assert workspace.here_or_none() is None
    with pytest.raises(Problem) as raised:
        workspace.here()
    assert str(raised.value) == f"found:    {found}\nexpected: an attendee's folder\ndo this:  ./workshop up"
