"""Every lab that there is, proved for real: a new folder in labs/ is taken in by itself."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs import catalogue
from labs.author import writing
from labs.catalogue import Lab
from provisioning.here.place import Place
from tests.conftest import ROOT

LABS = catalogue.labs()
FOLDERS = [pytest.param(lab.folder, id=lab.name) for lab in LABS] + [
    pytest.param(catalogue.FOLDER / "author" / "template", id="template")
]
PICTURE = re.compile(r"!\[[^\]]*\]\((?P<target>[^)\s]+)\)")
A_MACHINE_S_PATH = re.compile(r"(?<![\w.:/])/(home|root|tmp|work|opt|Users|mnt)/\w+")
every_lab = pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)


def texts(folder: Path) -> Iterator[Path]:
    """What a person may read of a lab."""
    every = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return (path for path in every if path.suffix in (".py", ".md", ".toml", ".svg", ".c", ".txt", ".csv"))


@every_lab
def test_its_checks_tell_right_from_wrong(lab: Lab, lab_python: Path) -> None:
    require_verified(lab_python, lab.number)


@every_lab
def test_on_the_other_series_each_of_its_checks_passes_an_answer_and_rejects_one(lab: Lab, other_place: Place) -> None:
    python = other_place.lab_python()
    assert python
    require_verified(python, lab.number, "--brief")


def require_verified(python: Path, *words: str) -> None:
    """Assert that `verify`, with these words, passes on `python`."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [str(python), "-m", "labs", "verify", *words]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@every_lab
def test_its_exercise_is_its_stripped_solution(lab: Lab) -> None:
    assert lab.exercise.read_text() == writing.generated(lab)


@every_lab
def test_its_exercise_holds_a_task_and_no_marker(lab: Lab) -> None:
    text = lab.exercise.read_text()
    assert "# Your turn: " in text
    assert "#: " not in text


@every_lab
def test_it_begins_with_its_number_and_title_on_the_kernel_without_gil(lab: Lab) -> None:
    text = lab.solution.read_text()
    assert f"# # {lab.number} · {lab.title}\n" in text
    assert "#     name: gilfree\n" in text


@every_lab
def test_it_has_three_hints_and_a_last_word(lab: Lab) -> None:
    assert len(lab.hints) == 3
    assert lab.after.startswith("## ")


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_picture_that_it_refers_to_is_handed_out(folder: Path) -> None:
    targets = {match["target"] for path in texts(folder) for match in PICTURE.finditer(path.read_text())}
    missing = [target for target in targets if not (folder / "files" / target).is_file()]
    assert missing == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_it_says_nothing_of_the_machine_that_it_was_written_on(folder: Path) -> None:
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for path in texts(folder)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if A_MACHINE_S_PATH.search(line)
    ]
    assert found == []
