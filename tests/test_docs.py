"""The documents promise nothing that is not there: messages, commands, files and settings are looked up in the code."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

LONGEST_README = 60  # lines: what is longer belongs to the page of its reader
TRACKED = subprocess.run(
    ["git", "ls-files", "*.md", ":!tests"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout
DOCUMENTS = sorted(path for name in TRACKED.splitlines() if (path := ROOT / name).exists())
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
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


def anchors(path: Path) -> set[str]:
    """The headings of `path` as they are written in a link."""
    texts = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in texts}


def headings(path: Path) -> list[str]:
    return re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE)


@pytest.mark.parametrize("heading", headings(ROOT / "docs" / "troubleshooting.md"))
def test_each_heading_of_troubleshooting_is_a_message(code: str, heading: str) -> None:
    for part in filter(None, (each.strip() for each in heading.split("…"))):
        assert part in code, f"no message says {part!r}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_link_leads_somewhere(document: Path) -> None:
    for target, heading in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", document.read_text()):
        if "://" not in target:
            file = document.parent / target if target else document
            assert file.exists(), f"{document.name}: {target}"
            assert not heading or heading in anchors(file), f"{document.name}: {target}#{heading}"


@pytest.fixture(scope="module")
def commands() -> str:
    """What `./workshop --help` prints."""
    return subprocess.run([ROOT / "workshop", "--help"], capture_output=True, text=True, check=True).stdout


def require_known(commands: str, text: str, where: str) -> None:
    for command in re.findall(r"(?:`|\./)workshop ((?:lab )?[a-z]+)\b", text):
        assert re.search(rf"^\s+(?:.*\| )?{command}\b", commands, re.MULTILINE), f"{where}: workshop {command}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_command_is_known(commands: str, document: Path) -> None:
    require_known(commands, document.read_text(), document.name)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_part_of_the_tests_that_a_document_runs_is_there(document: Path) -> None:
    for words in re.findall(r"\./workshop test ([^`#\n]*)", document.read_text()):
        for part in re.findall(r"\btests/\S+", words):
            assert (ROOT / part.rstrip(",.)")).exists(), f"{document.name}: {part}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_test_that_a_document_names_is_there(document: Path) -> None:
    for test, file in re.findall(r"\[(test_\w+)\]\(([^)]+)\)", document.read_text()):
        assert f"def {test}(" in (document.parent / file).read_text(), f"{document.name}: {test}"


@pytest.mark.parametrize("path", [ROOT / "CONTRIBUTING.md", *WORKFLOWS], ids=lambda path: path.name)
def test_each_marker_that_is_asked_for_is_known(request: pytest.FixtureRequest, path: Path) -> None:
    known = {line.partition(":")[0] for line in request.config.getini("markers")}
    for expression in re.findall(r"""workshop test [^`\n]*-m ("[^"]+"|\S+)""", path.read_text()):
        assert set(re.findall(r"\w+", expression)) - {"not", "and", "or"} <= known


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_setting_is_read_somewhere(code: str, document: Path) -> None:
    for name in set(re.findall(r"\b(?:WORKSHOP|LAB|GPU)_[A-Z_]+\b", document.read_text())):
        assert name in code, f"{document.name}: {name}"


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= LONGEST_README


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_one_and_its_commands_are_known(commands: str, workflow: Path) -> None:
    jobs = yaml.safe_load(workflow.read_text())["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    assert steps
    for step in steps:
        assert ("run" in step) != ("uses" in step), f"{workflow.name}: {step}"
        assert re.fullmatch(r"[\w./-]+@v\d+", step.get("uses", "a@v1")), f"{workflow.name}: {step}"
        require_known(commands, step.get("run", ""), workflow.name)


def words_of_the_glossary() -> list[str]:
    rows = re.findall(r"^\| ([^|]+) \|", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)
    return [word for row in rows if row != "word" for word in row.split(", ")]


def test_each_word_of_the_glossary_stands_there_once_and_somewhere_else() -> None:
    words = words_of_the_glossary()
    assert len(words) == len(set(words)) > 50
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.md", "*.html"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    texts = [(ROOT / name).read_text().lower() for name in listed.stdout.split() if name != "docs/glossary.md"]
    everything = re.sub(r"\s+", " ", " ".join(texts))
    assert [word for word in words if word.lower() not in everything] == []


# in pieces, so that this file does not hold them either
@pytest.mark.parametrize(
    ("old", "new"),
    [("lear" + "ner", "attendee"), ("made-" + "up attendee", "simulated attendee"), ("lab " + "session", "session")],
)
def test_a_word_that_the_glossary_has_replaced_does_not_come_back(old: str, new: str) -> None:
    others = [":!tests/fixtures", ":!CHANGELOG.md", ":!images/locks"]
    found = subprocess.run(
        ["git", "grep", "-n", "-i", "--fixed-strings", old, "--", ".", *others],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (found.returncode, found.stdout) == (1, ""), f"say {new}"
