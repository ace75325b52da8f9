"""The labs that there are: one folder each, described by its lab.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args

from foundation.problem import ExitCode, Problem

FOLDER = Path(__file__).resolve().parent
Part = Literal["A", "B", "C", "D", "E", "F", "G"]
PARTS: dict[Part, str] = {
    "A": "Ground up",
    "B": "Sharing safely",
    "C": "Why is my threaded code slow?",
    "D": "Real CPU work",
    "E": "Onto the GPU",
    "F": "Deep learning",
    "G": "Debug, monitor, optimize",
}
_FOLDER_NAME = re.compile(r"lab(\d\d)_([a-z0-9_]+)")


@dataclass(frozen=True)
class Lab:
    """One lab. minutes: what it takes in class. runs_on: "threads" (GIL off), or "gpu" (else Numba's simulator)."""

    folder: Path
    title: str
    part: Part
    minutes: int
    goal: str
    starter_fails: str
    runs_on: Literal["threads", "gpu"] = "threads"

    @property
    def name(self) -> str:
        """The folder's name: lab03_mandelbrot_threads."""
        return self.folder.name

    @property
    def number(self) -> str:
        """Two digits."""
        return self.name[3:5]

    @property
    def solution(self) -> Path:
        """The source of the exercise."""
        return self.folder / "solution.py"

    @property
    def exercise(self) -> Path:
        """The exercise as it is handed out."""
        return self.folder / "exercise.py"

    @property
    def attendee_file(self) -> str:
        """The exercise's name in an attendee's folder: it is all that a tab in JupyterLab shows."""
        return f"lab{self.number}.py"

    @property
    def check_file(self) -> Path:
        """The lab's checks."""
        return self.folder / "check.py"

    @cached_property
    def hints(self) -> tuple[str, ...]:
        """The three hints, from a direction to almost the code."""
        text = self._text("hints.md")
        tiers = tuple(part.strip() for part in re.split(r"^## .*$", text, flags=re.MULTILINE)[1:])
        if len(tiers) != 3 or not all(tiers):
            raise Problem(
                f"{self.name}/hints.md has {len(tiers)} hints", expected="three, each with a text under a `## ` heading"
            )
        return tiers

    @property
    def after(self) -> str:
        """What an attendee reads after PASS."""
        return self._text("after.md")

    def _text(self, name: str) -> str:
        try:
            return (self.folder / name).read_text()
        except (OSError, ValueError) as error:
            raise Problem(f"{self.name}/{name}: {error}", expected="a text: see labs/README.md") from None

    def files(self) -> list[Path]:
        """What lies beside the exercise in an attendee's folder: pictures, data, packages to look into."""
        root = self.folder / "files"
        return sorted(path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def read(folder: Path) -> Lab:
    """The lab in `folder`; Problem if its lab.toml is missing, has an unknown or missing key or a wrong value."""
    path = folder / "lab.toml"
    try:
        data = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:  # not there, not UTF-8, not TOML
        raise Problem(f"{folder.name}/lab.toml: {error}", expected="a lab's description: see labs/README.md") from None
    _require_values(folder.name, data)
    return Lab(folder=folder, **data)


def _require_values(name: str, data: dict[str, Any]) -> None:
    wanted: dict[str, tuple[type, tuple[Any, ...]]] = {
        "title": (str, ()),
        "part": (str, get_args(Part)),
        "minutes": (int, ()),
        "goal": (str, ()),
        "starter_fails": (str, ()),
        "runs_on": (str, ("threads", "gpu")),
    }
    for key in data.keys() - wanted.keys():
        raise Problem(f"{name}/lab.toml: unknown key {key!r}", expected=f"only {', '.join(wanted)}")
    for key in wanted.keys() - data.keys() - {"runs_on"}:
        raise Problem(f"{name}/lab.toml: no {key!r}", expected=f"{', '.join(wanted)}")
    for key, value in data.items():
        kind, choices = wanted[key]
        if type(value) is not kind or (choices and value not in choices):
            expected = " or ".join(map(repr, choices)) or f"a value of type {kind.__name__}"
            raise Problem(f"{name}/lab.toml: {key} = {value!r}", expected=expected)


def labs(folder: Path = FOLDER) -> list[Lab]:
    """All labs in `folder`, by number. Problem if two have the same number: records are kept by it."""
    every = [read(each) for each in sorted(folder.iterdir()) if _FOLDER_NAME.fullmatch(each.name) and each.is_dir()]
    for one, other in pairwise(every):
        if one.number == other.number:
            raise Problem(f"{one.name} and {other.name} have the same number", expected="a number for each lab")
    return every


def find(text: str, folder: Path = FOLDER) -> Lab:
    """The lab that `text` means: 3, 03, lab03, mandelbrot_threads or the folder's whole name. Problem if none is."""
    every = labs(folder)
    wanted = text.strip().rstrip("/").lower()
    digits = wanted.removeprefix("lab")
    for lab in every:
        names = {lab.name, lab.name[6:], lab.number}
        if wanted in names or (digits.isdecimal() and int(digits) == int(lab.number)):
            return lab
    near = get_close_matches(wanted, [name for lab in every for name in (lab.name, lab.name[6:])], n=1, cutoff=0.4)
    raise Problem(
        f"there is no lab {text!r}",
        expected=f"one of {', '.join(lab.number for lab in every)}",
        do=f"did you mean {near[0]}?" if near else "workshop lab list",
        exit_code=ExitCode.USAGE,
    )
