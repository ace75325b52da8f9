from __future__ import annotations

from pathlib import Path

import pytest

from foundation.problem import ExitCode, Problem
from labs import catalogue
from labs.catalogue import find, labs, read
from tests.labs.toy_labs import TOML, toy_lab


def said(raised: pytest.ExceptionInfo[Problem]) -> str:
    return str(raised.value)


def test_a_lab_is_what_its_folder_and_its_toml_say(tmp_path: Path) -> None:
    lab = toy_lab(tmp_path, files={"data/rows.csv": "1"}, toml=TOML + 'runs_on = "gpu"\n')
    assert (lab.name, lab.number, lab.title, lab.part, lab.runs_on) == ("lab90_toy", "90", "A toy", "A", "gpu")
    assert [path.name for path in lab.files()] == ["rows.csv"]
    assert "It is a toy" in lab.after


def test_labs_come_by_number_and_other_folders_are_none(tmp_path: Path) -> None:
    for name in ("lab12_later", "lab03_sooner", "template", "__pycache__", "lab7_one_digit"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lab.toml").write_text(TOML)
    (tmp_path / "lab01_file").write_text("")
    assert [lab.number for lab in labs(tmp_path)] == ["03", "12"]


def test_two_labs_with_one_number_are_a_problem(tmp_path: Path) -> None:
    toy_lab(tmp_path, "lab90_one")
    toy_lab(tmp_path, "lab90_two")
    with pytest.raises(Problem) as raised:
        labs(tmp_path)
    assert said(raised) == ("found:    lab90_one and lab90_two have the same number\nexpected: a number for each lab")


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        ("title = ", "found:    lab90_toy/lab.toml: Invalid value"),
        (TOML + "colour = 1\n", "found:    lab90_toy/lab.toml: unknown key 'colour'\nexpected: only title, part,"),
        (TOML.replace("minutes = 5\n", ""), "found:    lab90_toy/lab.toml: no 'minutes'\nexpected: title, part,"),
        (TOML.replace("5", '"5"'), "found:    lab90_toy/lab.toml: minutes = '5'\nexpected: a value of type int"),
        (TOML.replace("5", "true"), "found:    lab90_toy/lab.toml: minutes = True\nexpected: a value of type int"),
        (TOML.replace('"A"', '"H"'), "found:    lab90_toy/lab.toml: part = 'H'\nexpected: 'A' or 'B' or"),
        (TOML + "runs_on = 'tpu'\n", "found:    lab90_toy/lab.toml: runs_on = 'tpu'\nexpected: 'threads' or 'gpu'"),
    ],
)
def test_a_toml_that_is_not_as_it_should_be_is_named_with_its_fault(tmp_path: Path, toml: str, problem: str) -> None:
    with pytest.raises(Problem) as raised:
        toy_lab(tmp_path, toml=toml)
    assert said(raised).startswith(problem)


@pytest.mark.parametrize("content", [None, b"title = '\xff'"])
def test_a_toml_that_cannot_be_read_is_a_problem(tmp_path: Path, content: bytes | None) -> None:
    if content:
        (tmp_path / "lab.toml").write_bytes(content)
    with pytest.raises(Problem) as raised:
        read(tmp_path)
    assert said(raised).startswith(f"found:    {tmp_path.name}/lab.toml: ")
    assert said(raised).endswith("expected: a lab's description: see labs/README.md")


@pytest.mark.parametrize(
    "text", ["3", "03", "lab3", "lab03", "LAB03", "sooner", "lab03_sooner", "lab03_sooner/", " 03\n", "0003"]
)
def test_a_lab_is_found_by_all_that_one_may_call_it(tmp_path: Path, text: str) -> None:
    toy_lab(tmp_path, "lab03_sooner")
    toy_lab(tmp_path, "lab30_later")
    assert find(text, tmp_path).name == "lab03_sooner"


@pytest.mark.parametrize(
    ("text", "do"),
    [
        ("soner", "did you mean sooner?"),
        ("lab03_sonner", "did you mean lab03_sooner?"),
        ("31", "workshop lab list"),
        ("", "workshop lab list"),
        ("²", "workshop lab list"),
    ],
)
def test_a_lab_that_there_is_not_is_a_usage_problem_with_the_nearest_name(tmp_path: Path, text: str, do: str) -> None:
    toy_lab(tmp_path, "lab03_sooner")
    toy_lab(tmp_path, "lab30_later")
    with pytest.raises(Problem) as raised:
        find(text, tmp_path)
    assert said(raised) == f"found:    there is no lab {text!r}\nexpected: one of 03, 30\ndo this:  {do}"
    assert raised.value.exit_code is ExitCode.USAGE


def test_hints_are_three_texts_without_their_headings(tmp_path: Path) -> None:
    assert toy_lab(tmp_path).hints == ("a direction", "the place", "almost the code")


@pytest.mark.parametrize(("text", "number"), [("## One\n\na\n", 1), ("## A\na\n## B\n\n## C\nc\n", 3), ("", 0)])
def test_hints_that_are_not_three_are_a_problem(tmp_path: Path, text: str, number: int) -> None:
    lab = toy_lab(tmp_path)
    (lab.folder / "hints.md").write_text(text)
    with pytest.raises(Problem) as raised:
        lab.hints  # noqa: B018 - reading them is the test
    assert said(raised) == (
        f"found:    lab90_toy/hints.md has {number} hints\nexpected: three, each with a text under a `## ` heading"
    )


@pytest.mark.parametrize("name", ["hints.md", "after.md"])
def test_a_text_that_is_not_there_is_a_problem(tmp_path: Path, name: str) -> None:
    lab = toy_lab(tmp_path)
    (lab.folder / name).unlink()
    with pytest.raises(Problem) as raised:
        lab.hints if name == "hints.md" else lab.after  # noqa: B018 - reading them is the test
    assert said(raised).startswith(f"found:    lab90_toy/{name}: [Errno 2]")
    assert said(raised).endswith("expected: a text: see labs/README.md")


def test_what_python_leaves_behind_is_not_handed_out(tmp_path: Path) -> None:
    lab = toy_lab(tmp_path, files={"pack/a.py": "", "pack/__pycache__/a.pyc": ""})
    assert [path.name for path in lab.files()] == ["a.py"]


def test_every_part_has_a_title() -> None:
    assert all(lab.part in catalogue.PARTS for lab in labs())
