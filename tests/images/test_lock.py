from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from foundation.problem import ExitCode, Problem
from images.download import sha256_of
from images.lock import Recipe, main, recipes, write
from images.locks import FOLDER

PURE = "py3-none-any"
COMPILED = "py3-none-manylinux_2_17_x86_64"


def put(shelf: Path, version: str, tag: str = PURE) -> None:
    """Put a wheel of the package thing on `shelf`, an index of packages in a folder."""
    folder = shelf / "thing"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"thing-{version}-{tag}.whl", "w") as archive:
        info = f"thing-{version}.dist-info"
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: thing\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")
    links = [f'<a href="{wheel.name}#sha256={sha256_of(wheel)}">{wheel.name}</a>' for wheel in folder.glob("*.whl")]
    (folder / "index.html").write_text(f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """An index with releases 1.0 and 2.0 of a package."""
    folder = tmp_path / "shelf"
    put(folder, "1.0")
    put(folder, "2.0")
    return folder


def recipe(shelf: Path, wanted: str, pure: tuple[str, ...] = ()) -> Recipe:
    return Recipe("thing", ("--default-index", shelf.as_uri(), "--universal"), own=f"{wanted}\n", pure=pure)


def entry(shelf: Path, version: str) -> str:
    return f"thing=={version} \\\n    --hash=sha256:{sha256_of(shelf / f'thing/thing-{version}-{PURE}.whl')}\n"


def test_a_lock_has_the_version_and_its_hash_and_nothing_else(shelf: Path, tmp_path: Path, uv: Path) -> None:
    lock = tmp_path / "thing.txt"
    write(recipe(shelf, "thing"), lock, str(uv), upgrade=False)
    assert lock.read_text() == entry(shelf, "2.0")


def test_a_locked_version_stays_until_an_upgrade(shelf: Path, tmp_path: Path, uv: Path) -> None:
    lock = tmp_path / "thing.txt"
    lock.write_text(entry(shelf, "1.0"))
    write(recipe(shelf, "thing"), lock, str(uv), upgrade=False)
    assert lock.read_text() == entry(shelf, "1.0")
    write(recipe(shelf, "thing"), lock, str(uv), upgrade=True)
    assert lock.read_text() == entry(shelf, "2.0")


def test_versions_that_do_not_fit_are_told_and_the_lock_stays(shelf: Path, tmp_path: Path, uv: Path) -> None:
    lock = tmp_path / "thing.txt"
    lock.write_text("as it was\n")
    with pytest.raises(Problem) as caught:
        write(recipe(shelf, "thing==3.0"), lock, str(uv), upgrade=True)
    assert "thing.txt cannot be compiled:" in str(caught.value)
    assert "thing==3.0" in str(caught.value)
    assert lock.read_text() == "as it was\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shelf", "thing.txt"]


@pytest.mark.parametrize("upgrade", [False, True])
def test_of_a_package_that_must_be_pure_only_the_wheel_without_compiled_code_is_locked(
    upgrade: bool, shelf: Path, tmp_path: Path, uv: Path
) -> None:
    put(shelf, "2.0", COMPILED)
    lock = tmp_path / "thing.txt"
    write(recipe(shelf, "thing"), lock, str(uv), upgrade=False)
    assert lock.read_text().count("--hash") == 2
    for _ in range(2):  # what was written once stays
        write(recipe(shelf, "thing", ("thing",)), lock, str(uv), upgrade=upgrade)
        assert lock.read_text() == entry(shelf, "2.0")


def test_an_installer_takes_the_pure_wheel_that_is_locked(shelf: Path, tmp_path: Path, uv: Path) -> None:
    put(shelf, "2.0", COMPILED)
    lock = tmp_path / "thing.txt"
    write(recipe(shelf, "thing", ("thing",)), lock, str(uv), upgrade=False)
    place = tmp_path / "site"
    index = ("--default-index", shelf.as_uri(), "--python-platform", "x86_64-manylinux_2_17")
    subprocess.run([uv, "pip", "install", "--require-hashes", *index, "--target", place, "-r", lock], check=True)
    assert f"Tag: {PURE}" in (place / "thing-2.0.dist-info/WHEEL").read_text()


def test_a_package_without_a_pure_wheel_is_told_and_the_lock_stays(shelf: Path, tmp_path: Path, uv: Path) -> None:
    put(shelf, "3.0", COMPILED)
    lock = tmp_path / "thing.txt"
    lock.write_text("as it was\n")
    with pytest.raises(Problem) as caught:
        write(recipe(shelf, "thing==3.0", ("thing",)), lock, str(uv), upgrade=True)
    assert "thing 3.0 has no wheel without compiled code" in str(caught.value)
    assert lock.read_text() == "as it was\n"


def test_there_is_a_recipe_for_every_lock() -> None:
    names = [each.name for each in recipes(Path("/opt/bin/python3.13t"))]
    assert sorted(names) == sorted(file.stem for file in FOLDER.glob("*.txt"))


def test_without_uv_the_remedy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([]) == ExitCode.COULD_NOT_CHECK
    shown = capsys.readouterr().err
    assert "uv is not on PATH" in shown
    assert "source .venv/bin/activate" in shown
