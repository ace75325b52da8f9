"""The kernel's side of a lab: %check, %hint and %solution. Every kernel loads it, by --ext.

%check judges the file on disk, so it first makes sure that the file holds what the kernel ran: JupyterLab saves by
itself every few seconds, and %check waits for that before it warns.
"""

from __future__ import annotations

import ast
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any

from checks.constants import immortal
from foundation.model import Report, Result
from foundation.problem import Problem
from labs import answer_regions, catalogue
from labs.attendee import actions, verdict, workspace

AUTOSAVE_S = 8.0  # a little more than JupyterLab's autosave interval in images/lab/jupyter/overrides.json


def definitions(source: str | bytes) -> dict[str, set[str]]:
    """The top-level functions, classes and variables of `source`, each with its texts, which no comment changes."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # no Python, yet: nothing in it can be compared
        return {}
    found: dict[str, set[str]] = {}
    for node in tree.body:
        for name in answer_regions.names(node):
            found.setdefault(name, set()).add(ast.dump(node))
    return found


@dataclass
class RanCells:
    """What the kernel ran: the last text of each definition, and when (seconds since the epoch)."""

    last: dict[str, tuple[set[str], float]] = field(default_factory=dict)

    def note(self, source: str) -> None:
        """Note one cell that ran just now."""
        for name, texts in definitions(source).items():
            self.last[name] = (texts, time.time())

    def not_in(self, exercise: Path) -> list[str]:
        """The names that the kernel ran in a newer form than `exercise` holds."""
        saved, changed_at = definitions(exercise.read_bytes()), exercise.stat().st_mtime
        return [
            name
            for name, (texts, ran_at) in self.last.items()
            if name in saved and not texts <= saved[name] and changed_at < ran_at
        ]


def wait_until_saved(ran: RanCells, exercise: Path, limit_s: float = AUTOSAVE_S) -> list[str]:
    """Wait for JupyterLab's autosave; the names that are still newer in the kernel than in `exercise`."""
    deadline = time.monotonic() + limit_s
    while (stale := ran.not_in(exercise)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return stale


def lab_here(argument: str) -> catalogue.Lab:
    """The lab that `argument` names, or the one whose folder the kernel runs in."""
    return catalogue.find(argument.strip() or Path.cwd().name)


def check(argument: str, ran: RanCells) -> Report:
    """Judge the saved exercise; the verdict grows below the cell while it is made."""
    from IPython.display import HTML, Markdown, display

    lab, space = lab_here(argument), workspace.here()
    exercise = space.exercise(lab)
    handle = display(HTML(verdict.growing(lab, [])), display_id=True)
    stale = wait_until_saved(ran, exercise)
    so_far: dict[str, Result] = {}

    def grow(result: Result) -> None:
        so_far[result.code] = result
        handle.update(HTML(verdict.growing(lab, list(so_far.values()))))

    report, record = actions.check(lab, space, grow)
    handle.update(HTML(verdict.final(lab, report, record, stale)))
    if workspace.is_proved(report):
        display(Markdown(lab.after))
    return report


def hint(argument: str) -> str:
    """The next hint, as Markdown."""
    heading, text = actions.hint(lab_here(argument), workspace.here())
    return f"**{heading}**\n\n{text}"


def solution(argument: str) -> str:
    """The solution's code, as Markdown; Problem before the lab has passed, unless `argument` says --give-up."""
    words = argument.split()
    lab = lab_here(" ".join(word for word in words if word != "--give-up"))
    text = actions.solution(lab, workspace.here(), actions.IN_NOTEBOOK, give_up="--give-up" in words)
    cells = text.split("\n# %%")
    code = [cell.partition("\n")[2].strip() for cell in cells[1:] if not cell.startswith(" [markdown]")]
    return "\n\n".join(f"```python\n{each}\n```" for each in code if definitions(each))


def compiler_like(compiler: Any) -> Any:
    """A new compiler of the same type for cells, which lets no threads meet at a constant: see `checks.constants`."""

    class Compiler(type(compiler)):  # type: ignore[misc]
        def __call__(self, *arguments: Any, **options: Any) -> Any:
            made = super().__call__(*arguments, **options)
            return immortal(made) if isinstance(made, CodeType) else made  # a tree stays one

    return Compiler()


def load_ipython_extension(shell: Any) -> None:
    """What %load_ext calls: register the magics, begin to note what runs, let modules beside the notebook be found."""
    from IPython.display import Markdown, display

    if "" not in sys.path:
        sys.path.append("")  # last, as in a check: what lies there cannot stand in for the standard library
    shell.compile = compiler_like(shell.compile)
    ran = RanCells()
    shell.events.register("post_run_cell", lambda result: ran.note(shell.transform_cell(result.info.raw_cell)))

    def guarded(act: Any) -> Any:
        def magic(line: str = "") -> None:
            try:
                act(line)
            except Problem as problem:
                print(problem)

        return magic

    shell.register_magic_function(guarded(lambda line: check(line, ran)), "line", "check")
    shell.register_magic_function(guarded(lambda line: display(Markdown(hint(line)))), "line", "hint")
    shell.register_magic_function(guarded(lambda line: display(Markdown(solution(line)))), "line", "solution")
