from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from checks.exercise import Exercise
from checks.oracles import interpreters
from checks.suite import Failed, Skipped


def answer_of(exercise: Exercise) -> object:
    return exercise.function("answer")()


def flags_and_path(_exercise: Exercise, name: str) -> list[object]:
    return [name, getattr(sys.flags, name), str(Path.cwd()), sys.path]


def raises_of_its_own(_exercise: Exercise) -> None:
    raise LookupError("the check is broken")


@pytest.fixture
def write(tmp_path: Path):  # type: ignore[no-untyped-def]
    def made(body: str) -> Exercise:
        (tmp_path / "exercise.py").write_text(f"import os, sys, time\ndef answer():\n    {body}\n")
        return Exercise(tmp_path / "exercise.py")

    return made


def test_the_answer_travels_back_and_the_exercise_does_not_run_here(write) -> None:  # type: ignore[no-untyped-def]
    assert interpreters.ask(answer_of, write("return [1, 'two', None]")) == [1, "two", None]
    assert interpreters.ask(answer_of, write("return os.getpid()")) != __import__("os").getpid()


def test_flags_paths_and_arguments_reach_the_child(write, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    told = interpreters.ask(flags_and_path, write("pass"), "optimize", flags=["-O"], paths=[tmp_path / "more"])
    name, value, folder, path = told
    assert (name, value, folder) == ("optimize", 1, str(tmp_path))
    assert str(tmp_path / "more") in path
    assert path[-1] == str(tmp_path)  # behind the standard library


def test_a_file_named_like_a_module_of_the_standard_library_does_no_harm(write, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for name in ("random", "threading", "re", "json", "tempfile"):
        (tmp_path / f"{name}.py").write_text("x = 1\n")
    (tmp_path / "beside.py").write_text("SEVEN = 7\n")
    body = "import random, beside; return random.choice([6]) * beside.SEVEN"
    assert interpreters.ask(answer_of, write(body)) == 42


def test_a_forced_gil_is_not_inherited(write, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("PYTHON_GIL", "1")
    assert interpreters.ask(answer_of, write("return os.environ.get('PYTHON_GIL')")) is None


def test_the_attendees_exception_fails_with_its_line(write) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Failed, match=r"ZeroDivisionError: division by zero \(line 3, in answer: `return 1 / 0`\)"):
        interpreters.ask(answer_of, write("return 1 / 0"))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("os._exit(3)", "ended with exit code 3"),
        ("os.kill(os.getpid(), 9)", "was ended by SIGKILL"),
        ("sys.exit('enough')", "SystemExit: enough"),
    ],
)
def test_a_process_that_ends_early_fails(write, body: str, found: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Failed, match=found):
        interpreters.ask(answer_of, write(body))


def test_a_hang_fails_at_the_limit(write) -> None:  # type: ignore[no-untyped-def]
    began = time.monotonic()
    with pytest.raises(Failed, match="did not end in time"):
        interpreters.ask(answer_of, write("time.sleep(60)"), limit_s=1.0)
    assert time.monotonic() - began < 20


def test_an_exception_that_is_not_the_attendees_is_no_verdict(write) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(RuntimeError, match="the check is broken"):
        interpreters.ask(raises_of_its_own, write("pass"))


def test_a_python_without_ordinary_ones_is_skipped_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreters, "_candidates", lambda: iter(()))
    with pytest.raises(Skipped, match="WORKSHOP_ORDINARY_PYTHON"):
        interpreters.ordinary()


def test_the_ordinary_python_that_is_named_is_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    found = interpreters.ordinary()
    monkeypatch.setenv("WORKSHOP_ORDINARY_PYTHON", str(found))
    monkeypatch.setenv("PATH", "")
    assert interpreters.ordinary() == found


def test_an_ordinary_python_behind_a_free_threaded_one_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lab_python: Path
) -> None:
    ordinary = interpreters.ordinary()
    for folder, python in (("lab", lab_python), ("usual", ordinary)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "python3").symlink_to(python)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "lab"), str(tmp_path / "usual")]))
    monkeypatch.setattr(interpreters, "_NAMES", ("python3",))
    monkeypatch.setenv("WORKSHOP_ORDINARY_PYTHON", "/nowhere/python")
    assert interpreters.ordinary() == tmp_path / "usual" / "python3"
