from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from images import locks
from images.versions import versions

ROOT = Path(__file__).parents[3]
GPU = ROOT / "images/lab/requirements-gpu.in"
ORDINARY = ["hub", "hub-docker", "provisioning", "clouds", "test"]
NAMES = [
    "uv",
    "node",
    *ORDINARY,
    "local-ec2",
    "lab-3.13t",
    "lab-3.14t",
    "wheels-3.13t",
    "lab-3.13t-gpu",
    "wheels-3.13t-gpu",
]
LINE = re.compile(r"^([a-z0-9][a-z0-9.-]*==[^ ]+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?)$")
WANTED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?(==(?P<version>[^ ]+))?")


def locked(name: str) -> dict[str, str]:
    """The versions that a lock pins, by package."""
    text = locks.lock_file(name).read_text()
    return {package: locks.version_of(entry) for package, entry in locks.entries(text).items()}


def wanted_of(file: Path) -> list[str]:
    """The requirements of a requirements.in file."""
    lines = (line.partition("#")[0].strip() for line in file.read_text().splitlines())
    return [line for line in lines if line]


def require_locked(wanted: list[str], name: str) -> None:
    """Assert that each of `wanted` is in the lock, in the version that it names."""
    pins = locked(name)
    for line in wanted:
        found = WANTED.match(line)
        assert found
        assert found["name"] in pins, f"{line} is not in {name}.txt: run python -m images.lock"
        assert found["version"] in (None, pins[found["name"]]), f"{line} differs from {name}.txt"


def test_these_are_all_the_locks() -> None:
    assert sorted(file.stem for file in locks.FOLDER.glob("*.txt")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_lock_holds_versions_and_hashes_and_nothing_else(name: str) -> None:
    lines = locks.lock_file(name).read_text().splitlines()
    assert [line for line in lines if not LINE.match(line)] == []
    assert all(entry.count("--hash") for entry in locks.entries("\n".join(lines)).values())


def test_what_pyproject_asks_for_is_locked() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for requirement, lock in [(name, lock) for name in ORDINARY for lock in {name, "test"}] + [
        ("local-ec2", "local-ec2")
    ]:
        exact = [line for line in extras[requirement] if "==" in line]
        require_locked(exact, lock)
        require_locked([re.split(r"[<>=[]", line)[0] for line in extras[requirement]], lock)


def test_what_the_requirement_files_ask_for_is_locked() -> None:
    require_locked(wanted_of(ROOT / "images/lab/requirements.in"), "lab-3.13t")
    require_locked(wanted_of(ROOT / "images/lab/requirements.in"), "lab-3.14t")
    require_locked(wanted_of(ROOT / "images/wheels/requirements.in"), "wheels-3.13t")
    require_locked([line for line in wanted_of(GPU) if not line.startswith("-r")], "lab-3.13t-gpu")
    require_locked([f"uv=={versions().uv}"], "uv")


@pytest.mark.parametrize("name", ORDINARY)
def test_the_tests_have_the_very_versions_of_what_they_test(name: str) -> None:
    assert locked(name).items() <= locked("test").items()


def test_the_gpu_image_has_the_very_versions_of_the_cpu_image() -> None:
    assert locked("lab-3.13t").items() <= locked("lab-3.13t-gpu").items()


def test_numba_is_compiled_against_the_labs_numpy() -> None:
    assert locked("wheels-3.13t")["numpy"] == locked("lab-3.13t")["numpy"]


def test_the_wheels_made_here_are_locked() -> None:
    assert {*versions().compiled, *versions().retagged} <= locked("lab-3.13t").keys()


@pytest.mark.parametrize("name", ["lab-3.13t", "lab-3.14t", "lab-3.13t-gpu"])
def test_of_what_must_be_pure_one_file_is_locked(name: str) -> None:
    entries = locks.entries(locks.lock_file(name).read_text())
    assert {package: entries[package].count("--hash") for package in versions().pure} == {"fonttools": 1}


def test_a_part_of_a_lock_is_taken_with_its_hashes() -> None:
    text = "one==1 \\\n    --hash=sha256:11\ntwo==2 ; python_version < '3.12' \\\n    --hash=sha256:22\n"
    assert locks.only(text, ["two"]) == "two==2 ; python_version < '3.12' \\\n    --hash=sha256:22\n"
    assert locks.version_of(locks.entries(text)["two"]) == "2"
