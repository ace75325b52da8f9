from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from foundation.cores import usable
from labs import kit
from labs.kit import Timeline, text_timeline
from tests.conftest import ROOT

SHOWS = """
from labs.kit import Timeline, cores, gil_state, show_bars
timeline = Timeline()
with timeline.span("one"):
    assert cores() >= 1
timeline.show()
show_bars({"a": [1, 2]})
print(gil_state())
"""


def run(python: Path | str, code: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([str(python), "-c", code], env=environment, capture_output=True, text=True, check=True).stdout


def test_every_thread_has_a_lane_and_every_call_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    timeline, all_here = Timeline(), threading.Barrier(8)

    @timeline.watch
    def work(number: int) -> int:
        all_here.wait()
        return number * number

    squares: list[int] = []
    threads = [threading.Thread(target=lambda n: squares.append(work(n)), args=(n,)) for n in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    timeline.show()
    lanes = capsys.readouterr().out.splitlines()
    assert [lane.split("|")[0].strip() for lane in lanes] == [f"thread {number:>2}" for number in range(1, 9)]
    assert all("#" in lane for lane in lanes)
    assert sorted(squares) == [n * n for n in range(8)]


def test_a_watched_function_keeps_its_name_and_its_exception() -> None:
    timeline = Timeline()

    @timeline.watch
    def fails() -> None:
        """It fails."""
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert (fails.__name__, fails.__doc__) == ("fails", "It fails.")


def test_work_that_raised_is_a_bar_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    timeline = Timeline()
    with pytest.raises(ZeroDivisionError), timeline.span("broken"):
        raise ZeroDivisionError
    timeline.show()
    assert capsys.readouterr().out.startswith("thread  1 |#")


def test_the_text_timeline_has_work_at_the_same_time_in_one_column() -> None:
    bars = [(0, "a", 0.0, 1.0), (1, "b", 0.0, 1.0), (0, "c", 3.0, 4.0)]
    assert text_timeline(bars, width=9).splitlines() == ["thread  1 |###   ###|", "thread  2 |###      |"]


def test_the_text_timeline_is_never_wider_than_asked() -> None:
    bars = [(0, "", 0.1 * number, 0.1 * number + 0.3) for number in range(100)] + [(1, "", 5.0, 5.0)]
    assert {len(line) for line in text_timeline(bars).splitlines()} == {len("thread  1 ||") + 72}


def test_the_text_timeline_of_nothing_says_so() -> None:
    assert text_timeline([]) == "nothing ran"


def test_cores_are_those_that_this_process_may_use() -> None:
    assert kit.cores() == usable()


def test_an_ordinary_python_can_use_all_of_it() -> None:
    said = run(sys.executable, SHOWS)
    assert "thread  1 |#" in said
    assert "a |" in said
    assert "ordinary build, GIL on" in said


def test_the_lab_s_python_says_that_its_gil_is_off(lab_python: Path) -> None:
    assert "free-threaded build, GIL off" in run(lab_python, SHOWS)


@pytest.mark.parametrize("array", ["np.zeros((4, 6))", "np.arange(24).reshape(4, 6)", "np.full((3, 3), np.nan)"])
def test_an_image_outside_a_notebook_is_told_in_words(lab_python: Path, array: str) -> None:
    said = run(lab_python, f"import numpy as np\nfrom labs.kit import show_image\nshow_image({array})")
    assert said.startswith("a picture of (")
