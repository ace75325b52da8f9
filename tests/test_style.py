"""The whole tree is linted, formatted, typed and short, and says nothing about the machine that it was written on."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MARKED_BY, ROOT

LONGEST_FILE = 400
LONGEST_TEST = 600
LONGEST_FUNCTION = 50
# in pieces, so that this file does not hold them either
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs.org",
    "deb." + "debian.org",
    "archive." + "ubuntu.com",
]


def tracked(*patterns: str) -> list[Path]:
    out = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in out.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("tool", [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]], ids=" ".join)
def test_the_tree_passes(tool: list[str]) -> None:
    paths = ["."] if tool[0] == "ruff" else []
    found = subprocess.run([sys.executable, "-m", *tool, *paths], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_no_file_is_too_long() -> None:
    too_long = {
        shown(path): lines
        for path in tracked("*.py", "workshop")
        if (lines := len(path.read_text().splitlines()))
        > (LONGEST_TEST if shown(path).startswith("tests/") else LONGEST_FILE)
    }
    assert too_long == {}


def test_no_function_is_too_long() -> None:
    too_long = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in tracked("*.py", "workshop")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION
    ]
    assert too_long == []


@pytest.mark.parametrize("text", [*REGISTRIES, str(ROOT)], ids=[*REGISTRIES, "this clone"])
def test_no_tracked_file_names_a_package_registry_or_this_clone(text: str) -> None:
    found = subprocess.run(
        ["git", "grep", "-n", "--fixed-strings", "--ignore-case", text],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout) == (1, ""), found.stderr


def test_no_test_is_marked_by_hand_for_what_it_needs() -> None:
    """tests/conftest.py marks it by the fixtures that it uses."""
    by_hand = re.compile(rf"pytest\.mark\.({'|'.join(MARKED_BY)})\b")
    assert [shown(path) for path in tracked("tests/*.py") if by_hand.search(path.read_text())] == []
