"""A test is marked by the fixtures that it uses, and the lab environment is made only if a chosen test needs it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MARKED_BY, ROOT

KIT = "tests/labs/test_kit.py"  # a part of it runs on the lab environment


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words], cwd=ROOT, env={**os.environ, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    """A machine without a lab environment, on which none can be made."""
    return {
        "WORKSHOP_STATE": str(tmp_path / "state"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "WORKSHOP_PYTHON": str(tmp_path / "no python"),
    }


def test_what_needs_no_lab_environment_runs_without_one_and_counts_as_its_part(nowhere: dict[str, str]) -> None:
    done = run(KIT, "tests/foundation/test_problem.py", "-m", "not lab_env", **nowhere)
    assert done.returncode == 0, done.stdout
    found = re.search(r"(\d+) passed, (\d+) deselected", done.stdout)
    assert found
    assert int(found[2]) >= 2
    parts = re.findall(r"^ +\d+\.\d  (\S+), (\d+) tests$", done.stdout, re.MULTILINE)
    assert [name for name, _ in parts] == ["tests/foundation", "tests/labs"]
    assert sum(int(count) for _, count in parts) == int(found[1])


def test_if_a_chosen_test_needs_it_and_it_cannot_be_made_none_runs(nowhere: dict[str, str]) -> None:
    done = run(KIT, **nowhere)
    assert done.returncode == 3
    assert "the lab environment could not be made\nfound:    WORKSHOP_PYTHON" in done.stdout + done.stderr
    assert "passed" not in done.stdout


@pytest.mark.parametrize("marker", MARKED_BY)
def test_a_marker_stands_for_one_fixture_of_each_name(marker: str) -> None:
    """A fixture of the same name elsewhere would mark tests that need nothing."""
    names = [
        node.name
        for file in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef)
        if any("fixture" in ast.unparse(decorator) for decorator in node.decorator_list)
        if node.name in MARKED_BY[marker]
    ]
    assert sorted(names) == sorted(MARKED_BY[marker])
