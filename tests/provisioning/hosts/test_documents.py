"""The organiser's documents name each check, only commands that there are, and only variables that a role reads."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from checks.suite import collect
from provisioning.hosts import inventory, words
from provisioning.hosts.checks.suite import MODULES
from tests.conftest import ROOT

DOCUMENTS = [ROOT / "docs" / name for name in ("provisioning.md", "metal.md", "online-gpu.md")]
CODES = {each.code for each in collect(*MODULES)}


def test_each_check_of_a_host_is_explained() -> None:
    named = set(re.findall(r"^\| (`host\..*?) \|", DOCUMENTS[0].read_text(), re.MULTILINE))
    assert {code for row in named for code in re.findall(r"host\.[a-z_]+", row)} == CODES


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_code_in_a_document_is_a_check_or_the_beginning_of_some(document: Path) -> None:
    for code in re.findall(r"\bhost\.[a-z_]+(?!\w|\.\w)", document.read_text()):
        assert any(each.startswith(code) for each in CODES), code


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_command_in_a_document_can_be_typed(document: Path) -> None:
    lines = re.findall(r"^\./workshop provision (.+?)(?: >.*)?$", document.read_text(), re.MULTILINE)
    assert lines
    for line in lines:
        words.parse(shlex.split(line))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_variable_in_a_document_is_read_by_a_role(document: Path) -> None:
    named = set(re.findall(r"\bworkshop_[a-z_]+", document.read_text()))
    assert named - {inventory.GROUP} <= inventory.known_variables()
