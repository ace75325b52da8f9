"""On 64-bit Arm the locks resolve to ready wheels, but for the packages that are made here on every processor."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from images import locks
from images.versions import versions
from provisioning.here import machine
from tests.images.test_gpu_recipe import install, without

pytestmark = pytest.mark.timeout(600)

ARM = ("--dry-run", "--python-platform", "aarch64-manylinux_2_28")
MADE_HERE = {*versions().compiled, *versions().retagged}  # all of 3.13t that has no wheel for Arm


def of_series(series: str) -> tuple[str, ...]:
    return ("--python-version", series.removesuffix("t"))


def test_the_platform_that_is_asked_about_is_the_oldest_that_is_supported() -> None:
    assert "aarch64" in machine.PROCESSORS
    assert ARM[-1].endswith("_".join(map(str, machine.OLDEST_LIBC)))


@pytest.mark.parametrize("name", ["lab-3.13t", "wheels-3.13t", "lab-3.14t"])
def test_the_index_has_a_wheel_for_arm_of_all_that_is_not_made_here(
    name: str, uv: Path, lab_python: Path, tmp_path: Path
) -> None:
    made = set() if name == "lab-3.14t" else MADE_HERE
    wanted = without(locks.lock_file(name).read_text(), made)
    said = install(uv, lab_python, wanted, tmp_path / "nothing", *ARM, *of_series(name.rpartition("-")[2]))
    assert f"Would install {len(locks.entries(wanted))} packages" in said


@pytest.mark.parametrize("name", sorted(MADE_HERE))
def test_what_is_made_here_for_3_13t_has_no_wheel_for_arm(
    name: str, uv: Path, lab_python: Path, tmp_path: Path
) -> None:
    wanted = locks.only(locks.lock_file("lab-3.13t").read_text(), [name])
    with pytest.raises(AssertionError, match=r"has no (usable )?wheels"):
        install(uv, lab_python, wanted, tmp_path / "nothing", *ARM, *of_series("3.13t"))


@pytest.mark.parametrize("name", sorted(versions().retagged))
def test_what_is_re_tagged_there_has_a_wheel_to_re_tag(name: str, uv: Path, lab_python: Path, tmp_path: Path) -> None:
    assert versions().retagged[name] == "cp314t"
    wanted = locks.only(locks.lock_file("lab-3.13t").read_text(), [name])
    install(uv, lab_python, wanted, tmp_path / "nothing", *ARM, *of_series("3.14t"))


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("name", ["uv", "hub", "test"])
def test_the_servers_and_the_tests_have_wheels_for_arm_on_each_ordinary_python(
    name: str, python: str, uv: Path, tmp_path: Path
) -> None:
    wanted = locks.lock_file(name).read_text()
    said = install(uv, Path(sys.executable), wanted, tmp_path / "nothing", *ARM, "--python-version", python)
    assert "Would install" in said
