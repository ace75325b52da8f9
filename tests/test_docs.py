"""The documents promise nothing that is not there: messages, commands, files and settings are looked up in the code."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

DOCUMENTS = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")])
SOURCES = [
    path
    for folder in ("foundation", "checks", "hub", "images", "labs", "provisioning")
    for pattern in ("*.py", "*.html")
    for path in (ROOT / folder).rglob(pattern)
]


@pytest.fixture(scope="module")
def code() -> str:
    """All sources as one line of text, strings that stand on several lines joined."""
    text = " ".join(path.read_text() for path in [*SOURCES, ROOT / "workshop", ROOT / "compose.yaml"])
    return re.sub(r"\s+", " ", re.sub(r'"\s+f?"', "", text))


def headings(path: Path) -> list[str]:
    return re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE)


@pytest.mark.parametrize("heading", headings(ROOT / "docs" / "troubleshooting.md"))
def test_each_heading_of_troubleshooting_is_a_message(code: str, heading: str) -> None:
    for part in filter(None, (each.strip() for each in heading.split("…"))):
        assert part in code, f"no message says {part!r}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
        if "://" not in target:
            assert (document.parent / target).exists(), f"{document.name}: {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_command_is_known(document: Path) -> None:
    known = subprocess.run([ROOT / "workshop", "--help"], capture_output=True, text=True, check=True).stdout
    for command in re.findall(r"(?:`|\./)workshop ((?:lab )?[a-z]+)\b", document.read_text()):
        assert re.search(rf"^\s+(?:.*\| )?{command}\b", known, re.MULTILINE), f"{document.name}: workshop {command}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_setting_is_read_somewhere(code: str, document: Path) -> None:
    for name in set(re.findall(r"\bWORKSHOP_[A-Z]+\b", document.read_text())):
        assert name in code, f"{document.name}: {name}"
