from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from foundation.model import Status
from labs.attendee import course_page
from labs.attendee.workspace import Record, Workspace
from labs.catalogue import Lab
from tests.labs.toy_labs import TOML, report, result, toy_lab

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "home")


@pytest.fixture
def course(tmp_path: Path) -> list[Lab]:
    parts = {"lab01_one": "A", "lab02_two": "A", "lab20_gpu": "E"}
    return [
        toy_lab(tmp_path / "labs", name, toml=TOML.replace('"A"', f'"{part}"').replace("A toy", f"Toy {name[6:]}"))
        for name, part in parts.items()
    ]


def squares(space: Workspace) -> dict[str, str]:
    """The progress picture: a lab's number -> the colour of its square."""
    root = ElementTree.fromstring((space.home / "progress.svg").read_text())
    groups = root.findall(f"{SVG}g")
    return {each.findtext(f"{SVG}text", ""): each.find(f"{SVG}rect").attrib["fill"] for each in groups}  # type: ignore[union-attr]


def test_the_page_links_every_lab_under_its_part(space: Workspace, course: list[Lab]) -> None:
    course_page.write(course, space)
    rows = [line for line in (space.home / "index.md").read_text().splitlines() if line.startswith("|")]
    assert rows == [
        "| | Lab | Learn to | Minutes |",
        "|---|---|---|---|",
        "| | **A · Ground up** | | |",
        "|   | [01 Toy one](lab01_one/lab01.py) | Play with it. | 5 |",
        "|   | [02 Toy two](lab02_two/lab02.py) | Play with it. | 5 |",
        "| | **E · Onto the GPU** | | |",
        "|   | [20 Toy gpu](lab20_gpu/lab20.py) | Play with it. | 5 |",
    ]


def test_page_picture_and_list_show_what_is_passed_and_what_is_tried(space: Workspace, course: list[Lab]) -> None:
    space.note_report(course[0], report(result(Status.PASS)))
    space.note_report(course[1], report(result(Status.FAIL)))
    course_page.write(course, space)
    page = (space.home / "index.md").read_text()
    assert "![1 of 3 labs passed](progress.svg)" in page
    assert "| ✔ | [01" in page
    assert "| … | [02" in page
    assert len(set(squares(space).values())) == 3
    assert course_page.text(course, space).splitlines() == [
        "A  Ground up",
        "  ✔ 01  Toy one                              5 min",
        "  … 02  Toy two                              5 min   last: fail",
        "E  Onto the GPU",
        "    20  Toy gpu                              5 min",
    ]


def test_a_title_or_goal_cannot_break_the_table_or_the_picture(space: Workspace, tmp_path: Path) -> None:
    toml = TOML.replace("A toy", "A | B & <C>").replace("Play with it.", "this | that")
    course_page.write([toy_lab(tmp_path / "labs", toml=toml)], space)
    assert r"[90 A \| B & <C>](lab90_toy/lab90.py) | this \| that | 5 |" in (space.home / "index.md").read_text()
    assert list(squares(space)) == ["90"]


def test_a_whole_curriculum_s_picture_fits_the_page(space: Workspace, tmp_path: Path) -> None:
    parts = "AAAAAABBBBCCCCDDDEEEEEEFFFFFGGGGG"
    course = [
        toy_lab(tmp_path / "labs", f"lab{number:02}_toy", toml=TOML.replace('"A"', f'"{part}"'))
        for number, part in enumerate(parts, start=1)
    ]
    course_page.write(course, space)
    root = ElementTree.fromstring((space.home / "progress.svg").read_text())
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    rects = [each.attrib for each in root.iter(f"{SVG}rect")]
    assert len({(each["x"], each["y"]) for each in rects}) == len(parts)
    assert width <= 760
    assert all(float(each["x"]) + float(each["width"]) <= width for each in rects)
    assert all(float(each["y"]) + float(each["height"]) <= height for each in rects)


@pytest.mark.parametrize(
    ("record", "state"),
    [(Record(), "new"), (Record(attempts=1), "tried"), (Record(attempts=1, passed_at=1.0), "passed")],
)
def test_a_lab_is_new_then_tried_then_passed(record: Record, state: str) -> None:
    assert course_page.state_of(record) == state
