"""The Jupyter settings: what is opened and saved untouched stays the same, and Jupyter knows each of them."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]
from jupytext.sync_contentsmanager import build_sync_jupytext_contents_manager_class
from traitlets.config import Config

from images.lab.kernels import GIL_OFF, GIL_ON, kernelspecs
from tests.images.lab.bare_environment import bare_environment

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = ROOT / "images" / "lab" / "jupyter"
EXERCISES = sorted(ROOT.glob("labs/lab*/exercise.py"))
LANGUAGE = {"name": "python", "version": "3.13.15", "file_extension": ".py", "mimetype": "text/x-python"}


def settings(name: str) -> dict[str, Any]:
    return dict(json.loads((SETTINGS / name).read_text()))


def saved_by_jupyterlab(text: str, folder: Path, kernel: str = GIL_OFF) -> str:
    """What is in the file after JupyterLab has opened `text` as a notebook on `kernel` and saved it."""
    file = folder / "exercise.py"
    file.write_text(text)
    manager_class = build_sync_jupytext_contents_manager_class(LargeFileManager)
    config = Config(JupytextConfiguration=settings("jupyter_server_config.json")["JupytextConfiguration"])
    manager = manager_class(root_dir=str(folder), config=config, log=logging.getLogger("jupytext"))
    notebook = manager.get("exercise.py", type="notebook")["content"]
    spec = kernelspecs(bare_environment(folder / "environment"), ROOT)[kernel]
    notebook["metadata"]["kernelspec"] = {**{key: spec[key] for key in ("display_name", "language")}, "name": kernel}
    notebook["metadata"]["language_info"] = LANGUAGE
    for cell in notebook["cells"]:
        cell["metadata"]["trusted"] = True
    manager.save({"type": "notebook", "format": "json", "content": notebook}, "exercise.py")
    return file.read_text()


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda path: path.parent.name)
def test_an_untouched_exercise_stays_the_same_byte_by_byte(exercise: Path, tmp_path: Path) -> None:
    text = exercise.read_text()
    assert saved_by_jupyterlab(text, tmp_path) == text, "see images/lab/jupyter/README.md for the header"


@pytest.mark.parametrize("exercise", EXERCISES[:1], ids=lambda path: path.parent.name)
def test_a_change_of_kernel_is_kept_in_the_file(exercise: Path, tmp_path: Path) -> None:
    assert f"name: {GIL_ON}\n" in saved_by_jupyterlab(exercise.read_text(), tmp_path, kernel=GIL_ON)


def test_the_readme_shows_the_header_that_exercises_have(tmp_path: Path) -> None:
    lines = [line[4:] for line in (SETTINGS / "README.md").read_text().splitlines() if line.startswith("    #")]
    text = "\n".join(lines) + "\n\n# %%\nx = 1\n"
    assert saved_by_jupyterlab(text, tmp_path) == text


def test_every_setting_of_jupyterlab_exists() -> None:
    schemas = Path(LabApp().app_dir) / "schemas"
    for plugin, changed in settings("labconfig/default_setting_overrides.json").items():
        package, _, name = plugin.partition(":")
        known = json.loads((schemas / package / f"{name}.json").read_text())["properties"]
        assert set(changed) <= set(known), plugin


def test_the_kernels_of_the_settings_are_the_kernels_that_are_installed(tmp_path: Path) -> None:
    found = settings("jupyter_server_config.json")
    installed = kernelspecs(bare_environment(tmp_path), ROOT)
    assert found["KernelSpecManager"]["allowed_kernelspecs"] == list(installed)
    assert found["MappingKernelManager"]["default_kernel_name"] == GIL_OFF
