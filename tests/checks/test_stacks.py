"""A real dump of threads that stand in a file is read back as the places where they stand."""

from __future__ import annotations

import faulthandler
import threading
from pathlib import Path

import pytest

from checks.exercise import load
from checks.stacks import where_it_stood

WAITS = """\
def wait_here(there, go):
    there.set()
    go.wait()

def other(there, go):
    wait_here(there, go)
"""


@pytest.fixture(params=["waits.py", "wärtet – 待つ.py"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path: Path = tmp_path / request.param
    path.write_text(WAITS)
    return path


def dump_of_threads(file: Path, into: Path, functions: list[str]) -> Path:
    """A faulthandler dump, made while one thread for each of `functions` of `file` waits there."""
    module = load(file, "waits")
    go, threads = threading.Event(), []
    for name in functions:
        there = threading.Event()
        threads.append(threading.Thread(target=getattr(module, name), args=(there, go)))
        threads[-1].start()
        there.wait()
    with into.open("w") as stream:
        faulthandler.dump_traceback(stream, all_threads=True)
    go.set()
    for thread in threads:
        thread.join()
    return into


def test_one_thread_is_found_at_its_innermost_line(file: Path, tmp_path: Path) -> None:
    dump = dump_of_threads(file, tmp_path / "dump", ["other"])
    assert where_it_stood(dump, file) in (
        '; one thread at line 3, in wait_here: "go.wait()"',
        '; one thread at line 2, in wait_here: "there.set()"',  # it has set it, and is not past the line
    )


def test_threads_at_one_place_are_counted(file: Path, tmp_path: Path) -> None:
    text = dump_of_threads(file, tmp_path / "dump", ["wait_here"]).read_text()
    (tmp_path / "many").write_text(text + text + text)
    assert where_it_stood(tmp_path / "many", file).startswith("; 3 threads at line ")


def test_threads_elsewhere_say_nothing(file: Path, tmp_path: Path) -> None:
    dump = dump_of_threads(file, tmp_path / "dump", ["other"])
    assert where_it_stood(dump, tmp_path / "elsewhere.py") == ""


def test_no_dump_and_no_file_say_nothing(tmp_path: Path) -> None:
    assert where_it_stood(tmp_path / "none", tmp_path / "waits.py") == ""
    assert where_it_stood(tmp_path / "none", None) == ""


def test_garbage_before_the_dump_is_passed_over(file: Path, tmp_path: Path) -> None:
    text = dump_of_threads(file, tmp_path / "dump", ["other"]).read_bytes()
    (tmp_path / "mixed").write_bytes(b"\xff\xfe garbage " * (1 << 18) + b"\n" + text)
    assert where_it_stood(tmp_path / "mixed", file).startswith("; one thread at line ")
