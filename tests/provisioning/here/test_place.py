"""Folders: where they are, who may read them, and what is said where they cannot be made."""

import sys
from pathlib import Path

import pytest

from foundation.problem import Problem
from provisioning.here.place import CLONE, Place, clean_environment, lab_environment


def test_the_state_folder_is_in_the_clone_and_the_home_in_it() -> None:
    place = Place.from_environment({})
    assert place.state == CLONE / ".workshop"
    assert place.home == place.state / "home"


def test_variables_move_both_and_empty_ones_count_as_unset(tmp_path: Path) -> None:
    place = Place.from_environment({"WORKSHOP_STATE": str(tmp_path / "s"), "WORKSHOP_HOME": ""})
    assert place.home == tmp_path / "s" / "home"
    place = Place.from_environment({"WORKSHOP_STATE": "s", "WORKSHOP_HOME": str(tmp_path)})
    assert place.state == Path.cwd() / "s"
    assert place.home == tmp_path


def test_the_folders_are_private(tmp_path: Path) -> None:
    place = Place(tmp_path / "state", tmp_path / "home")
    place.state.mkdir(mode=0o755)
    place.make()
    place.make()
    for folder in (place.state, place.hub, place.login, place.jupyter):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_state_folder_that_cannot_be_made_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problem) as raised:
        Place(tmp_path / "file" / "state", tmp_path / "home").make()
    assert "cannot be written: Not a directory" in raised.value.found
    assert "WORKSHOP_STATE" in raised.value.do


def test_the_lab_python_is_remembered_while_it_exists(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path / "home")
    assert place.lab_python() is None
    place.remember_lab_python(Path(sys.executable))
    assert place.lab_python() == Path(sys.executable)
    place.remember_lab_python(tmp_path / "gone")
    assert place.lab_python() is None


def test_labs_run_with_the_clone_on_their_path_and_keep_a_forced_gil_visible(tmp_path: Path) -> None:
    place = Place(tmp_path / "state", tmp_path / "home")
    environment = lab_environment(place, {"PYTHON_GIL": "1", "PYTHONHOME": "/x", "PYTHONPATH": "/y", "HOME": "/h"})
    assert environment["PYTHON_GIL"] == "1"
    assert environment["PYTHONPATH"] == str(CLONE)
    assert environment["WORKSHOP_HOME"] == str(place.home)
    assert environment["WORKSHOP_STATE"] == str(place.state)
    assert environment["JUPYTER_PATH"] == str(place.jupyter)
    assert environment["WORKSHOP_ORDINARY_PYTHON"] == str(place.venv_python)
    named = lab_environment(place, {"WORKSHOP_ORDINARY_PYTHON": "/usr/bin/python3"})  # as an image does: no .venv there
    assert named["WORKSHOP_ORDINARY_PYTHON"] == "/usr/bin/python3"
    assert "PYTHONHOME" not in environment


def test_servers_run_without_settings_of_other_pythons() -> None:
    foreign = {"PYTHON_GIL": "0", "PYTHONPATH": "/y", "JUPYTER_PATH": "/z", "VIRTUAL_ENV": "/v"}
    assert clean_environment({**foreign, "HOME": "/h", "PIP_CERT": "/c"}) == {"HOME": "/h", "PIP_CERT": "/c"}
