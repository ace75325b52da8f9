"""Oracle: what does the attendee's code do in another interpreter: a fresh one, one under a flag, an ordinary one?

    def described(exercise: Exercise) -> list[bool]:                                    # runs there
        return list(exercise.function("describe")())

    @check("forced_on", "...")
    def forced_on(exercise: Exercise) -> str:                                           # runs here
        answer = interpreters.ask(described, exercise, flags=["-X", "gil=1"])

The function that is asked stands at the top level of the check's own file. It gets the exercise, loaded anew, and what
it returns travels back as JSON. An ordinary Python from 3.11 on will do: the file may import what such a Python has.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from checks.environment import fresh
from checks.exercise import Exercise, load
from checks.suite import Failed, NotPassed, Skipped
from foundation import files

LIMIT_S = 10.0
_ROOT = Path(__file__).resolve().parent.parent.parent
_NAMES = ("python3", *(f"python3.{minor}" for minor in range(19, 10, -1)))
_NAME_YOURSELF = """
import sys, sysconfig
if sys.version_info >= (3, 11) and not sysconfig.get_config_var("Py_GIL_DISABLED"):
    print(sys.executable)
"""


def ask(
    probe: Callable[..., Any],
    exercise: Exercise,
    *arguments: object,
    python: Path | None = None,
    flags: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    paths: Sequence[Path] = (),
    limit_s: float = LIMIT_S,
) -> Any:
    """What `probe(exercise, *arguments)` returns in a fresh interpreter, by default another one of this kind.

    paths: folders where the child, and what it starts, find further modules. The exercise's own folder is the working
    directory; modules beside it are found as well, and cannot stand in for the standard library. Failed if the
    attendee's code raises there, hangs, or ends the process.
    """
    with tempfile.TemporaryDirectory(prefix="workshop-ask-") as scratch:
        plan, answer = Path(scratch) / "plan.json", Path(scratch) / "answer.json"
        where = {"file": probe.__code__.co_filename, "probe": probe.__name__, "exercise": str(exercise.path)}
        plan.write_text(json.dumps({**where, "arguments": arguments}))
        ran = fresh.run(
            [str(python or sys.executable), *flags, "-P", "-m", "checks.oracles.interpreters", plan, answer],
            _environment([_ROOT, *paths], environment or {}),
            limit_s,
        )
        if not answer.exists():
            words = f"; the last it printed: {ran.last_words}" if ran.last_words else ""
            raise Failed(f"the process in which your code ran {ran.ending}{words}", expected="an answer")
        said = json.loads(answer.read_text())
    if "failed" in said:
        found, expected, do = said["failed"]
        raise Failed(found, expected=expected, do=do)
    if "broke" in said:
        raise RuntimeError(said["broke"])
    return said["value"]


def ordinary() -> Path:
    """An ordinary CPython (one that always has its GIL), 3.11 or later; Skipped if this machine has none.

    WORKSHOP_ORDINARY_PYTHON names one; otherwise PATH and the usual folders are searched, each to its end: an
    environment of a free-threaded Python has a `python3` too, and is first.
    """
    for python in _candidates():
        ran = fresh.run([python, "-I", "-c", _NAME_YOURSELF], _environment([], {}), LIMIT_S)
        if name := ran.out.strip():
            return Path(name)  # what was found on PATH may be a shim, or a link
    raise Skipped("there is no ordinary Python on this machine to ask (WORKSHOP_ORDINARY_PYTHON can name one)")


def _candidates() -> Iterator[Path]:
    folders = [*os.environ.get("PATH", os.defpath).split(os.pathsep), "/usr/local/bin", "/usr/bin"]
    named = shutil.which(os.environ.get("WORKSHOP_ORDINARY_PYTHON", ""))
    everywhere = [shutil.which(name, path=folder) for name in _NAMES for folder in folders]
    for found in dict.fromkeys([named, *everywhere]):
        if found:
            yield Path(found)


def _environment(paths: Sequence[Path], extra: Mapping[str, str]) -> dict[str, str]:
    """Ours, with nothing in it that forces the GIL: an ordinary Python dies of a PYTHON_GIL=0."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHON_GIL", "PYTHONHOME")}
    return {**inherited, "PYTHONPATH": os.pathsep.join(map(str, paths)), **extra}


def answer_plan(plan_file: str, answer_file: str) -> None:
    """The child's side: do what the plan says, write the answer whole, and end whatever the attendee left running."""
    plan = json.loads(Path(plan_file).read_text())
    exercise = Exercise(Path(plan["exercise"]))
    os.chdir(exercise.path.parent)
    sys.path.append(str(exercise.path.parent))
    try:
        probe = getattr(load(Path(plan["file"]), "lab_check"), plan["probe"])
        said = {"value": probe(exercise, *plan["arguments"])}
    except NotPassed as outcome:
        said = {"failed": [outcome.found, outcome.expected, outcome.do]}
    except BaseException as error:  # noqa: BLE001 - SystemExit in an attendee's code included
        what = f"{type(error).__name__}: {error}".rstrip(": ")
        place = exercise.place(error.__traceback__)
        said = {"failed": [f"{what} ({place})", "", ""]} if place else {"broke": traceback.format_exc()}
    files.write(Path(answer_file), json.dumps(said))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    answer_plan(*sys.argv[1:])
