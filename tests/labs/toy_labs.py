"""Small labs on disk for tests: real folders, with all that a lab has."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from foundation.model import Report, Result, Status
from labs import answer_regions, catalogue
from labs.catalogue import Lab

TEMPLATE = catalogue.FOLDER / "author" / "template"
TOML = """title = "A toy"
part = "A"
minutes = 5
goal = "Play with it."
starter_fails = "values"
"""


def toy_lab(
    folder: Path, name: str = "lab90_toy", *, version: int = 1, files: Mapping[str, str] | None = None, toml: str = TOML
) -> Lab:
    """The lab `name` in `folder`, written anew; what it hands out differs from one version to the next."""
    home = folder / name
    shutil.rmtree(home, ignore_errors=True)
    texts = {
        "lab.toml": toml,
        "solution.py": f"# version {version}\n#: answer\nx = 1\n#: starter\n# x = 0\n#: end\n",
        "exercise.py": f"# version {version}\nx = 0\n",
        "hints.md": "## One\n\na direction\n\n## Two\n\nthe place\n\n## Three\n\nalmost the code\n",
        "after.md": "## Why it worked\n\nIt is a toy.\n",
        **{f"files/{path}": f"{text}, version {version}" for path, text in (files or {}).items()},
    }
    for path, text in texts.items():
        target = home / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return catalogue.read(home)


def template_lab(folder: Path, name: str = "lab90_toy", **replaced: tuple[str, str]) -> Lab:
    """A copy of the template that is impatient; each `file=(old, new)` changes a text in it (`check` for check.py)."""
    home = folder / name
    shutil.copytree(TEMPLATE, home, ignore=shutil.ignore_patterns("__pycache__"))
    change(home / "check.py", "Rendezvous(3)", "Rendezvous(3, patience_s=1)")
    for file, (old, new) in replaced.items():
        change(home / f"{file}.py", old, new)
    (home / "exercise.py").write_text(answer_regions.strip((home / "solution.py").read_text()))
    return catalogue.read(home)


def change(path: Path, old: str, new: str) -> None:
    """Put `new` in the place of `old`, which must be there."""
    text = path.read_text()
    assert old in text, f"{path.name} does not hold {old!r}"
    path.write_text(text.replace(old, new))


def result(status: Status, code: str = "values", **more: object) -> Result:
    """One check's outcome."""
    return Result(code=code, title=f"The {code}", status=status, **more)  # type: ignore[arg-type]


def report(*results: Result, **facts: object) -> Report:
    """What a check of the toy said."""
    return Report(subject="lab 90 A toy", results=results, facts=facts)
