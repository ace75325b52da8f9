from __future__ import annotations

import sys
from pathlib import Path

import pytest

from checks.environment.packages import Differences, file, gather_installed, judge, locked, wanted_here, word
from checks.suite import Failed, Found, Inconclusive
from tests.checks.environment.fakes import environment_of, install

PYTHON = Path(sys.executable)


def test_installed_distributions_are_found_with_their_files(tmp_path: Path) -> None:
    environment = environment_of(PYTHON, tmp_path)
    install(environment, "Some_Thing", {"some_thing/__init__.py": ""}, version="2.1")
    (found,) = gather_installed(environment.site_packages)
    assert (found.name, found.version) == ("some-thing", "2.1")
    assert "some_thing/__init__.py" in found.files


def test_differences_are_of_three_kinds() -> None:
    installed = {"numpy": "2.4.6", "numba": "0.66.0", "requests": "2.32.0"}
    wanted = {"numpy": "2.4.6", "numba": "0.68.1", "pillow": "12.2.0"}
    assert judge(installed, wanted) == Differences(("pillow",), ("requests",), (("numba", "0.66.0", "0.68.1"),))
    assert not judge(wanted, wanted)


def test_each_difference_is_named() -> None:
    text = word(Differences(("pillow",), ("requests", "rich"), (("numba", "0.66.0", "0.68.1"),)))
    assert text == "missing: pillow; other version: numba 0.66.0 (lock: 0.68.1); not in the lock: requests, rich"


def test_of_many_the_first_are_named_and_the_rest_counted() -> None:
    names = tuple(f"package{number}" for number in range(10))
    assert word(Differences(names, (), ())).endswith("package7 and 2 more")


def test_an_environment_as_its_lock_says_passes(tmp_path: Path) -> None:
    environment = environment_of(PYTHON, tmp_path, lock="Some-Thing==1.0\nwinonly==3 ; sys_platform == 'win32'\n")
    install(environment, "some_thing", {"some_thing.py": ""})
    found = locked.run(environment)
    assert isinstance(found, Found)
    assert found.text == "1 packages, each in the version of the lock"


def test_a_lock_that_can_be_read_passes_with_the_number_of_its_packages(tmp_path: Path) -> None:
    environment = environment_of(PYTHON, tmp_path, lock="a==1\nb==2\nwinonly==3 ; sys_platform == 'win32'\n")
    assert file.run(environment) == f"2 packages, in {environment.lock}"


def test_a_package_that_the_lock_does_not_know_fails(tmp_path: Path) -> None:
    environment = environment_of(PYTHON, tmp_path, lock="wanted==1.0\n")
    install(environment, "other", {"other.py": ""})
    with pytest.raises(Failed, match="missing: wanted; not in the lock: other"):
        locked.run(environment)


@pytest.mark.parametrize(
    ("lock", "says"),
    [
        (None, "no lock at"),
        ("# nothing\n", "names no package"),
        ("numpy >= 2\n", "cannot read 'numpy >= 2'"),
        ("numpy==2 ; python_version ~= '3'\n", "cannot read the marker"),
    ],
)
def test_without_a_lock_that_can_be_read_nothing_passes(tmp_path: Path, lock: str | None, says: str) -> None:
    environment = environment_of(PYTHON, tmp_path, lock=lock or "")
    if lock is None:
        environment.lock.unlink()
    with pytest.raises(Inconclusive, match=says):
        wanted_here(environment)
