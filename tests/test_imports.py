"""Who may import whom: the contracts of pyproject.toml hold, and what runs on a bare Python needs nothing else."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

OURS = {"foundation", "checks", "images", "hub", "labs", "provisioning"}
STANDARD_LIBRARY_ONLY = ("foundation", "checks", "images", "provisioning", "workshop")
RUN_IN_THE_LAB = ROOT / "checks" / "environment" / "scripts"  # not imported: run by the lab environment's Python
IN_VENV_ONLY = ("hosts", "hub_client", "rehearsal")  # packages of provisioning that nothing else loads
RUN_IN_VENV = {ROOT / "provisioning" / name for name in IN_VENV_ONLY}
ROLES = ROOT / "provisioning" / "ansible"  # loaded by Ansible, by path


def files_of(name: str) -> Iterator[Path]:
    path = ROOT / name
    found = [path] if path.is_file() else sorted(path.rglob("*.py"))
    return (each for each in found if RUN_IN_THE_LAB not in each.parents)


def at_module_level(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that loading a module runs: those in functions are left out, and those for type checkers."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from at_module_level(node.orelse)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for field in ("body", "orelse", "finalbody", "handlers"):
                yield from at_module_level(getattr(node, field, []))


def names(node: ast.Import | ast.ImportFrom) -> list[str]:
    """The modules that `node` imports, in full."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [f"{node.module}.{alias.name}" for alias in node.names] if node.level == 0 and node.module else []


@pytest.mark.parametrize("name", STANDARD_LIBRARY_ONLY)
def test_at_module_level_the_standard_library_is_enough(name: str) -> None:
    foreign = [
        f"{file.relative_to(ROOT)}:{node.lineno} {imported}"
        for file in files_of(name)
        if not {*RUN_IN_VENV, ROLES} & set(file.parents)
        for node in at_module_level(ast.parse(file.read_text()).body)
        for imported in names(node)
        if imported.split(".")[0] not in sys.stdlib_module_names | OURS
    ]
    assert foreign == []


def test_the_bare_interpreter_imports_what_it_will_run(lab_python: Path) -> None:
    """-S: without site-packages."""
    program = "import checks.cli, checks.child, checks.supervisor, images.interpreter, provisioning.here.local"
    subprocess.run([lab_python, "-S", "-P", "-c", program], env={"PYTHONPATH": str(ROOT)}, check=True)


def test_the_contracts_are_kept() -> None:
    found = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "15 kept, 0 broken" in found.stdout


def test_every_module_is_in_a_package_that_the_contracts_can_see() -> None:
    outside = {
        file.parent.relative_to(ROOT)
        for name in OURS
        for file in files_of(name)
        if not (file.parent / "__init__.py").exists() and ROLES not in file.parents
    }
    labs = {folder for folder in outside if folder.parts[0] == "labs"}
    assert outside - labs == set()
    assert {str(folder).startswith(("labs/lab", "labs/author/template")) for folder in labs} <= {True}


def test_a_labs_answers_import_the_kit_and_the_device_and_nothing_else_of_ours() -> None:
    """Labs are loaded by path, not as packages: the contracts do not see them."""
    lent = {
        "check.py": ("checks.", "foundation.", "labs."),
        "wrong": ("labs.extension",),  # an answer may be wrong because it loads a module that turns the GIL on
    }
    foreign = [
        f"{file.relative_to(ROOT)}:{node.lineno} {imported}"
        for folder in (*ROOT.glob("labs/lab*"), ROOT / "labs" / "author" / "template")
        for file in sorted(folder.rglob("*.py"))
        if "files" not in file.parts  # what a lab brings along for its answers to meet
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for imported in names(node)
        if imported.split(".")[0] in OURS
        and not imported.startswith(
            ("labs.kit", "labs.device", *lent.get(file.name, ()), *lent.get(file.parent.name, ()))
        )
    ]
    assert foreign == []
