"""The attendee's file: loaded anew, judged by what it does, and put back as it was after a probe."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checks.child import run_check
from checks.exercise import Exercise, load, loads, suite
from checks.suite import DEFAULT_LIMIT_S, Failed
from foundation.model import Result, Status

CHECK_FILE = '''
from checks.suite import check

@check("own", "The lab's own", requires=["other"])
def own(exercise):
    """Do it."""
    return "done"

@check("other", "The lab's other")
def other(exercise):
    """Do it."""
    return "done"
'''
Write = Callable[[str], Exercise]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(text: str) -> Exercise:
        path = tmp_path / "exercise.py"
        path.write_text(text)
        return Exercise(path)

    return make


@pytest.fixture(autouse=True)
def import_system() -> Iterator[None]:
    """What loading changes in this process is taken back."""
    path, modules = list(sys.path), dict(sys.modules)
    yield
    sys.path[:] = path
    for name in sys.modules.keys() - modules.keys():
        del sys.modules[name]


def judged(exercise: Exercise) -> Result:
    return run_check(loads, exercise)


def test_a_file_that_runs_from_top_to_bottom_loads(write: Write) -> None:
    exercise = write("value = 6 * 7\n")
    assert judged(exercise).found == "exercise.py loaded"
    assert exercise.module.value == 42
    assert exercise.module.__file__ == str(exercise.path)


def test_main_cells_do_not_run(write: Write) -> None:
    assert judged(write('if __name__ == "__main__":\n    raise SystemExit\n')).status is Status.PASS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def f(:\n    pass\n", "invalid syntax, line 1: `def f(:`"),
        ("a = 1\n  b = 2\n", "unexpected indent, line 2: `b = 2`"),
        ("import no_such_module_at_all\n", "ModuleNotFoundError: No module named 'no_such_module_at_all'"),
        ("import sys\nsys.exit(4)\n", "the code called sys.exit(4) (line 2, in <module>: `sys.exit(4)`)"),
        ("raise SystemExit\n", "the code called sys.exit() (line 1, in <module>: `raise SystemExit`)"),
        (
            "def half(n):\n    return n / 0\n\nhalf(2)\n",
            "ZeroDivisionError: division by zero (line 2, in half: `return n / 0`)",
        ),
        ("from __future__ import braces\n", "not a chance, line 1: `from __future__ import braces`"),
    ],
)
def test_a_file_that_does_not_run_fails_with_the_reason_and_the_line(write: Write, text: str, found: str) -> None:
    result = judged(write(text))
    assert result.status is Status.FAIL
    assert result.found.startswith(found)
    assert result.do.startswith("Run all cells in a fresh kernel")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"a = 1\nb = '\xe9'\n", "exercise.py is no text in UTF-8: byte 0xE9 in line 2"),
        (b"\xff\xfea\xe9", "exercise.py is no text in UTF-8: byte 0xFF in line 1"),
        ("a = 'ä'\n".encode("utf-16"), "exercise.py is no text in UTF-8: it looks like UTF-16"),
        ("a = 1\n".encode("utf-16-le"), "exercise.py is no text in UTF-8: it looks like UTF-16"),
        (b"# coding: ascii\na = '\xc3\xa4'\n", "exercise.py is no text in ASCII: byte 0xC3 in line 2"),
    ],
)
def test_bytes_that_are_no_text_fail_with_a_sentence_about_the_file(write: Write, content: bytes, found: str) -> None:
    exercise = write("")
    exercise.path.write_bytes(content)
    result = judged(exercise)
    assert (result.status, result.found) == (Status.FAIL, found)
    assert result.expected == "Python in UTF-8, as JupyterLab saves it"
    assert result.do.startswith("save the file as UTF-8")


@pytest.mark.parametrize(
    "content",
    ["a = 'ä'\n".encode(), b"\xef\xbb\xbfa = 1\n", b"# coding: latin-1\na = '\xe9'\n", b"a = 1\r\nb = 2\r\n"],
)
def test_what_python_can_read_is_read(write: Write, content: bytes) -> None:
    exercise = write("")
    exercise.path.write_bytes(content)
    assert judged(exercise).status is Status.PASS


def test_an_unknown_encoding_fails_in_pythons_words(write: Write) -> None:
    assert judged(write("# coding: klingon\n")).found.startswith("unknown encoding: klingon")


def test_a_syntax_error_in_a_file_beside_it_names_that_file(write: Write, tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("def f(:\n")
    sys.path.append(str(tmp_path))
    found = judged(write("import beside\n")).found
    assert found == f"invalid syntax, line 1: `def f(:` (in {tmp_path / 'beside.py'})"


def test_a_file_that_is_gone_fails_with_how_to_get_it_back(write: Write) -> None:
    exercise = write("")
    exercise.path.unlink()
    result = judged(exercise)
    assert result.status is Status.FAIL
    assert result.found == "exercise.py cannot be read: No such file or directory"
    assert result.expected == "the file of the exercise where it was"
    assert result.do == "./workshop lab reset LAB brings it back as it was at the beginning"


def test_a_file_edited_within_the_same_second_is_read_anew(write: Write) -> None:
    first = write("value = 1\n")
    before = first.path.stat()
    assert first.module.value == 1
    second = write("value = 2\n")
    os.utime(second.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert second.module.value == 2


def test_the_file_is_compiled_by_its_own_future_imports_alone(write: Write) -> None:
    exercise = write("def f(n: int) -> int:\n    return n\n")
    assert exercise.function("f").__annotations__["n"] is int


@pytest.mark.parametrize(
    ("text", "found"), [("", "`render` is missing"), ("render = 5\n", "`render` is of type int, not a function")]
)
def test_a_function_that_is_gone_fails(write: Write, text: str, found: str) -> None:
    with pytest.raises(Failed) as raised:
        write(text).function("render")
    assert raised.value.found == found
    assert raised.value.expected == "the function `render` that the exercise began with"
    assert raised.value.do == "keep the names that the exercise gives: the checks call them"


def test_other_parameters_than_the_exercise_gives_fail(write: Write) -> None:
    render = write("def render(view, size):\n    return 5\n").function("render")
    assert render("view", size=1) == 5
    with pytest.raises(Failed) as raised:
        render("view", workers=2)
    assert raised.value.found == (
        "`render(view, size)` cannot be called as the exercise asks: missing a required argument: 'size'"
    )
    assert raised.value.expected == "the parameters that the exercise began with"
    assert raised.value.do == "keep the parameters that the exercise gives: the checks call with them"


def test_a_function_is_handed_out(write: Write) -> None:
    assert write("def render():\n    return 5\n").function("render")() == 5


def test_a_probe_is_taken_out_again_also_after_an_error(write: Write) -> None:
    exercise = write("source = 'real'\ndef read():\n    return source\n")
    seen = []

    def probe_and_fail() -> None:
        with exercise.with_replaced("source", "probe"):
            seen.append(exercise.function("read")())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        probe_and_fail()
    assert seen == ["probe"]
    assert exercise.function("read")() == "real"


def test_an_exception_from_elsewhere_has_no_place(write: Write) -> None:
    with pytest.raises(ValueError, match="seven") as raised:
        int("seven")
    assert write("").place(raised.value.__traceback__) == ""


def test_a_labs_checks_stand_behind_the_two_that_every_lab_has(write: Write, tmp_path: Path) -> None:
    exercise = write("")
    check_file = tmp_path / "check.py"
    check_file.write_text(CHECK_FILE)
    checks, subject = suite(str(check_file), str(exercise.path))
    assert [(each.code, each.requires) for each in checks] == [
        ("loads", ()),
        ("gil", ("loads",)),
        ("other", ("loads", "gil")),
        ("own", ("loads", "gil", "other")),
    ]
    assert subject.path == exercise.path
    assert sys.path[-1] == str(tmp_path)


def test_a_slow_machine_gives_more_time(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checks.pure_compute.slowness", lambda: 3.0)
    check_file = tmp_path / "check.py"
    check_file.write_text(CHECK_FILE)
    checks, _subject = suite(str(check_file), str(write("").path))
    assert {each.limit_s for each in checks} == {3 * DEFAULT_LIMIT_S}


def test_a_lab_that_needs_the_gil_is_not_asked_for_its_absence(write: Write, tmp_path: Path) -> None:
    check_file = tmp_path / "check.py"
    check_file.write_text(CHECK_FILE)
    checks, _subject = suite(str(check_file), str(write("").path), True)
    assert [each.code for each in checks] == ["loads", "other", "own"]


def test_a_loaded_file_can_be_imported_by_the_name_that_it_was_given(write: Write) -> None:
    module = load(write("value = 1\n").path, "toy_exercise")
    assert sys.modules["toy_exercise"] is module
