from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from foundation.problem import ExitCode, Problem
from images.download import sha256_of
from images.lock import Recipe, main, recipes, write
from images.locks import FOLDER


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with releases 1.0 and 2.0 of a package."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for version in ("1.0", "2.0"):
        with zipfile.ZipFile(folder / f"thing-{version}-py3-none-any.whl", "w") as archive:
            info = f"thing-{version}.dist-info"
            archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: thing\nVersion: {version}\n")
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{info}/RECORD", "")
    return folder


def recipe(shelf: Path, wanted: str) -> Recipe:
    return Recipe("thing", ("--no-index", "--find-links", str(shelf), "--universal"), own=f"{wanted}\n")


def entry(shelf: Path, version: str) -> str:
    return f"thing=={version} \\\n    --hash=sha256:{sha256_of(shelf / f'thing-{version}-py3-none-any.whl')}\n"


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
