"""docs/online-gpu.md, followed: its cells run in a notebook's kernel, its inventory and commands are the tool's own."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provisioning.hosts import inventory, words
from provisioning.hosts.expectations import expectations
from tests.conftest import ROOT

DOCUMENT = (ROOT / "docs" / "online-gpu.md").read_text(encoding="utf-8")
CELL_LIMIT_S = 240


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)


class Notebook:
    """A kernel of an ordinary Python, as a hosted notebook has one."""

    def __init__(self, folder: Path) -> None:
        from jupyter_client.manager import start_new_kernel

        self.manager, self.client = start_new_kernel(kernel_name="python3", cwd=str(folder))

    def run(self, cell: str) -> str:
        """What is printed below the cell; AssertionError if it raises."""
        printed: list[str] = []

        def keep(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = self.client.execute_interactive(cell, timeout=CELL_LIMIT_S, output_hook=keep)
        assert reply["content"]["status"] == "ok", "".join(printed) + str(reply["content"])
        return "".join(printed)

    def end(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This clone's files, those that nobody has committed yet too, as a repository to be cloned."""
    folder = tmp_path_factory.mktemp("repository")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(
        ["tar", "--create", "--null", "--files-from=-", "--file", folder / "all.tar"],
        cwd=ROOT,
        input=names,
        check=False,
    )
    subprocess.run(["tar", "--extract", "--file", "all.tar"], cwd=folder, check=True)
    (folder / "all.tar").unlink()
    author = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (["init", "--quiet"], ["add", "--all"], [*author, "commit", "--quiet", "--message", "all"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory, lab_python: Path) -> Iterator[Notebook]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("WORKSHOP_STATE", "WORKSHOP_HOME", "WORKSHOP_INSTANCE"):
            patch.delenv(name, raising=False)
        opened = Notebook(tmp_path_factory.mktemp("service"))
        try:
            yield opened
        finally:
            opened.run(blocks("python")[-1])
            opened.end()


def test_one_cell_brings_free_threaded_python_and_labs_are_judged_there(notebook: Notebook, repository: Path) -> None:
    bootstrap, check_lab, check_gpu, down = blocks("python")
    listed = notebook.run(re.sub(r"(?m)^repository=.*", f"repository=file://{repository}", bootstrap))
    assert re.search(r"\b01\b", listed)

    verdict = notebook.run(check_lab)
    assert "FAIL" in verdict
    assert "Traceback" not in verdict

    notebook.run("!cp gilfree/labs/lab01*/solution.py gilfree/.workshop/home/lab01_gil_state/lab01.py")
    assert "PASS" in notebook.run(check_lab)

    assert "gpu.driver" in notebook.run(check_gpu)
    assert "down" in notebook.run(down)


def test_the_inventory_is_one_that_the_tool_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSHOP_STATE", str(tmp_path / "state"))
    (listed,) = blocks("yaml")
    file = tmp_path / "hosts.yml"
    file.write_text(listed)
    found = inventory.read(file)
    inventory.judge(found, inventory.now())
    (wanted,) = (each.as_json() for each in expectations(found).values())
    assert wanted["url"] == "http://127.0.0.1:8000"
    assert (wanted["open_ports"], wanted["poweroff"], wanted["gpu_slots"]) == ([22], True, "")


def test_the_commands_are_those_of_the_tool() -> None:
    commands = [shlex.split(line) for block in blocks("sh") for line in block.splitlines()]
    ours = [command[2:] for command in commands if command[:2] == ["./workshop", "provision"]]
    assert [words.parse(each).command for each in ours] == ["plan", "apply", "seats"]
    (tunnel,) = [command for command in commands if command[0] == "ssh"]
    assert tunnel[1:4] == ["-N", "-L", "8000:127.0.0.1:8000"]
