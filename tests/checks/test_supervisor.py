"""Whatever an attendee's code does, the supervisor comes back in time with a verdict and a reason; nothing stays."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from checks import supervisor
from checks.supervisor import Plan
from foundation import processes
from foundation.model import Report, Result, Status
from foundation.problem import ExitCode
from tests.conftest import ROOT
from tests.toys.course import LIMIT_S

TOYS = ROOT / "tests" / "toys" / "exercises"
MARK = "WORKSHOP_TEST_MARK"
AROUND_S = 6.0  # more than a start, a dump, an end and a busy machine take, less than a second hang would
AS_EVER = {"behind": Status.BLOCKED, "after": Status.PASS}
Judge = Callable[..., Report]


@pytest.fixture
def mark() -> Iterator[str]:
    value = uuid4().hex
    yield value
    assert processes.end_marked(MARK, value, grace_s=0) == []


@pytest.fixture
def plan(lab_python: Path, tmp_path: Path, mark: str) -> Callable[[str], Plan]:
    def plan_for(toy: str) -> Plan:
        folder = tmp_path / "lab"
        folder.mkdir()
        file = Path(shutil.copy(TOYS / f"{toy}.py", folder / "exercise.py"))
        return Plan(
            subject=toy,
            python=lab_python,
            suite="tests.toys.course:exercise",
            arguments=[str(file)],
            environment={MARK: mark},
            memory_bytes=512 << 20,
            code_file=file,
            folder=folder,
        )

    return plan_for


@pytest.fixture
def judge(plan: Callable[[str], Plan], mark: str) -> Judge:
    """The report on a toy; in time, and nothing left of it."""

    def run(
        toy: str,
        on_result: Callable[[Result], None] = lambda _result: None,
        limit_s: float = AROUND_S,
        beside: Callable[[], object] = lambda: None,
    ) -> Report:
        prepared = plan(toy)
        beside()
        with in_time(limit_s):
            report = supervisor.run(prepared, on_result)
        assert processes.marked(MARK, mark) == []
        return report

    return run


@contextmanager
def in_time(limit_s: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < limit_s


def answer(report: Report) -> Result:
    return report.result("answer")


def statuses(report: Report) -> dict[str, Status]:
    return {result.code: result.status for result in report.results}


def place(toy: str, source: str, function: str) -> str:
    """`line 12, in one: "with right:"` for the line of `toy` that `source` is the beginning of."""
    lines = (TOYS / f"{toy}.py").read_text().splitlines()
    (number,) = [number for number, line in enumerate(lines, 1) if line.strip().startswith(source)]
    return f'line {number}, in {function}: "{lines[number - 1].strip()}"'


def pids_of(report_folder: Path) -> list[int]:
    return [int(word) for word in (report_folder / "pid").read_text().split()]


# What an attendee's code returns or raises


def test_a_right_answer_passes(judge: Judge) -> None:
    shown: list[str] = []
    report = judge("right", lambda result: shown.append(result.code))
    assert report.exit_code is ExitCode.PASS
    assert shown == [result.code for result in report.results] == ["loads", "gil", "answer", "behind", "after"]
    assert answer(report).found == "42"
    assert report.subject == "right"
    assert report.facts["gil"] == "off"
    assert str(report.facts["python"]).endswith("t")


def test_a_wrong_answer_fails_with_the_remedy_and_blocks_what_needs_it(judge: Judge) -> None:
    report = judge("wrong")
    assert report.exit_code is ExitCode.FAIL
    assert statuses(report) == {"loads": Status.PASS, "gil": Status.PASS, "answer": Status.FAIL, **AS_EVER}
    assert (answer(report).found, answer(report).expected) == ("the answer is 41", "42")
    assert answer(report).do == "Return 42 from `answer`."
    assert report.result("behind").found == "waits for `answer`"


@pytest.mark.parametrize(
    ("toy", "found"),
    [
        ("raises", "ZeroDivisionError: integer division or modulo by zero (line 5, in answer: `return 42 // 0`)"),
        ("raises_strangely", "Strange (line 10, in answer: `raise Strange`)"),
        ("interrupts", "KeyboardInterrupt (line 5, in answer: `raise KeyboardInterrupt`)"),
        ("recurses", "RecursionError: maximum recursion depth exceeded (line 5, in answer: `return answer()`)"),
        ("exits", "the code called sys.exit(7) (line 7, in answer: `sys.exit(7)`)"),
        ("deletes_itself", "ValueError: gone (line 9, in answer)"),
    ],
)
def test_an_exception_fails_with_its_place(judge: Judge, toy: str, found: str) -> None:
    report = judge(toy)
    assert answer(report).found == found
    assert statuses(report) == {"loads": Status.PASS, "gil": Status.PASS, "answer": Status.FAIL, **AS_EVER}


def test_a_message_of_megabytes_is_shortened_and_can_be_printed(judge: Judge) -> None:
    found = answer(judge("raises_at_length")).found
    assert found.startswith("ValueError: a b ?xxx")
    assert "xxx… (line 5, in answer" in found
    assert len(found) < 600
    assert found.encode()


@pytest.mark.parametrize(
    ("toy", "found"),
    [
        ("does_not_import", "ModuleNotFoundError: No module named 'there_is_no_such_module' (line 3, in <module>"),
        ("exits_at_import", "the code called sys.exit() (line 5, in <module>: `sys.exit()`)"),
        ("imports_for_ever", f"no end after {LIMIT_S:g} s"),
    ],
)
def test_a_file_that_does_not_load_fails_and_all_the_rest_is_blocked(judge: Judge, toy: str, found: str) -> None:
    report = judge(toy)
    first, *rest = report.results
    assert (first.code, first.status) == ("loads", Status.FAIL)
    assert first.found.startswith(found)
    assert {result.status for result in rest} == {Status.BLOCKED}


@pytest.mark.parametrize("toy", ["leaves_a_thread", "replaces_stdout", "moves_away", "shares"])
def test_what_does_no_harm_passes(judge: Judge, toy: str) -> None:
    report = judge(toy)
    assert report.status is Status.PASS, report.results


def test_a_forced_gil_fails_and_reaches_no_other_process(judge: Judge) -> None:
    report = judge("sets_python_gil")
    assert report.result("gil").status is Status.FAIL
    assert report.result("gil").found.startswith("PYTHON_GIL=1 forces the answer")
    assert "PYTHON_GIL" not in os.environ


def test_a_gil_that_is_turned_on_while_a_check_runs_is_named_and_makes_no_other_check_pass(judge: Judge) -> None:
    shown: list[tuple[str, Status]] = []
    report = judge("turns_the_gil_on_later", lambda result: shown.append((result.code, result.status)))
    waits = {"answer": Status.BLOCKED, "behind": Status.BLOCKED, "after": Status.BLOCKED}
    assert statuses(report) == {"loads": Status.PASS, "gil": Status.FAIL, **waits}
    assert report.result("gil").found == "importing `needs_gil` turned the GIL back on, after the file was loaded"
    assert report.result("gil").do.startswith("Choose the kernel")
    assert shown[:4] == [
        ("loads", Status.PASS), ("gil", Status.PASS), ("gil", Status.FAIL), ("answer", Status.BLOCKED)
    ]  # fmt: skip


def test_a_forced_gil_of_ours_does_not_reach_the_child(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_GIL", "1")
    assert judge("right").status is Status.PASS


# What ends only because it is ended


def test_an_endless_loop_fails_where_it_stands_and_the_rest_goes_on_in_a_new_process(judge: Judge) -> None:
    report = judge("loops", limit_s=LIMIT_S + AROUND_S)
    assert answer(report).status is Status.FAIL
    found, where = answer(report).found.split("; ")
    assert found == f"no end after {LIMIT_S:g} s, and it was still computing"
    assert where.startswith("one thread at line ")
    assert " in answer: " in where
    assert answer(report).expected == "an answer that ends by itself"
    assert answer(report).do.startswith("A loop has no end, or the answer is right and far too slow")
    assert answer(report).duration_s >= LIMIT_S
    assert statuses(report) == {"loads": Status.PASS, "gil": Status.PASS, "answer": Status.FAIL, **AS_EVER}


def test_a_deadlock_names_the_places_of_both_threads(judge: Judge) -> None:
    report = judge("deadlocks", limit_s=LIMIT_S + AROUND_S)
    found = answer(report).found
    assert found.startswith(f"no end after {LIMIT_S:g} s: every thread was waiting; ")
    assert answer(report).do.startswith("Something was waited for that never came")
    assert f"one thread at {place('deadlocks', 'with right:  #', 'one')}" in found
    assert f"one thread at {place('deadlocks', 'with left:  #', 'two')}" in found


@pytest.mark.parametrize("toy", ["floods", "floods_descriptors"])
def test_a_flood_is_stopped_in_time_and_takes_no_memory_of_ours(judge: Judge, toy: str) -> None:
    tracemalloc.start()
    try:
        report = judge(toy, limit_s=LIMIT_S + AROUND_S)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer(report).found.startswith(f"no end after {LIMIT_S:g} s")
    assert peak < 8 << 20
    assert len(str(report.facts["output"])) <= supervisor.OUTPUT_KEPT


def test_memory_over_the_budget_fails_long_before_the_machine_has_none(judge: Judge) -> None:
    report = judge("hoards")
    assert answer(report).status is Status.FAIL
    assert answer(report).found.startswith("it had taken ")
    assert answer(report).found.endswith(" GiB of memory when it was stopped")
    assert answer(report).expected == "no more than 0.5 GiB"
    assert report.result("after").status is Status.PASS


@pytest.mark.parametrize(
    ("toy", "found"),
    [
        ("exits_hard", "the process ended with exit code 0 in the middle of the check; the last it printed: so long"),
        ("crashes", "the process was ended by SIGSEGV"),
        ("dies_of_a_nameless_signal", "the process was ended by signal 40"),
        ("deletes_itself_and_exits", "the process ended with exit code 1 in the middle of the check"),
        (
            "closes_descriptors",
            "the code closed the file descriptors of its process: nothing more could be reported",
        ),
        (
            "takes_descriptors",
            "the code closed the file descriptors of its process: nothing more could be reported",
        ),
    ],
)
def test_a_process_that_goes_away_fails_and_the_rest_goes_on_in_a_new_one(judge: Judge, toy: str, found: str) -> None:
    report = judge(toy)
    assert answer(report).found == found
    assert statuses(report) == {"loads": Status.PASS, "gil": Status.PASS, "answer": Status.FAIL, **AS_EVER}


def test_garbage_in_every_descriptor_changes_no_verdict(judge: Judge) -> None:
    report = judge("scribbles")
    assert set(statuses(report).values()) == {Status.PASS}
    assert report.result("after").found == "it went on"
    assert "garbage" in str(report.facts["output"])


def test_events_that_the_code_forges_change_no_verdict(judge: Judge) -> None:
    assert statuses(judge("forges")) == {"loads": Status.PASS, "gil": Status.PASS, "answer": Status.FAIL, **AS_EVER}


@pytest.mark.parametrize(
    ("toy", "what"),
    [
        ("replaces_an_oracle", "`checks.oracles.answers.same`"),
        ("replaces_the_modules", "the module `checks.oracles.answers`"),
        ("replaces_the_clock", "`time.perf_counter`"),
    ],
)
def test_whoever_replaces_what_the_checks_are_made_of_passes_nothing(judge: Judge, toy: str, what: str) -> None:
    report = judge(toy)
    assert report.result("loads").found == f"the code has replaced {what}"
    assert report.result("loads").expected == f"{what} as it was"
    assert Status.PASS not in statuses(report).values()


def test_no_escape_code_reaches_a_verdict(judge: Judge) -> None:
    report = judge("colours")
    assert (
        answer(report).found
        == 'ValueError: red and gone (line 6, in answer: `raise ValueError("\\x1b[31mred\\x1b[0m and \\x1b[2Jgone")`)'
    )
    assert report.facts["output"] == "printed in red\n"


@pytest.mark.parametrize("name", ["random", "threading", "re", "json", "enum"])
def test_a_file_named_like_a_module_of_the_standard_library_does_no_harm(
    judge: Judge, tmp_path: Path, name: str
) -> None:
    plan_folder = tmp_path / "lab"
    report = judge("imports_the_standard_library", beside=lambda: (plan_folder / f"{name}.py").write_text("x = 1\n"))
    assert report.status is Status.PASS, report.results


# What is left behind


def test_temporary_folders_of_a_killed_child_are_cleared_away(judge: Judge, tmp_path: Path) -> None:
    assert answer(judge("leaves_a_folder_and_hangs", limit_s=LIMIT_S + AROUND_S)).status is Status.FAIL
    folder = Path((tmp_path / "lab" / "folder").read_text())
    assert folder.name.startswith("left-behind-")
    assert not folder.exists()


@pytest.mark.parametrize("toy", ["leaves_a_daemon", "leaves_strangers"])
def test_processes_left_behind_are_ended(judge: Judge, tmp_path: Path, toy: str) -> None:
    assert judge(toy).status is Status.PASS
    left = pids_of(tmp_path / "lab")
    assert left
    assert [processes.process(pid) for pid in left] == [None] * len(left)


def test_one_that_writes_for_ever_after_its_parent_has_gone_holds_nobody_up(judge: Judge, tmp_path: Path) -> None:
    report = judge("leaves_a_daemon_and_exits")
    assert answer(report).found.startswith("the process ended with exit code 5")
    (left,) = pids_of(tmp_path / "lab")
    assert processes.process(left) is None


# The suite itself


@pytest.fixture
def outcomes(plan: Callable[[str], Plan]) -> Plan:
    return replace(plan("right"), suite="tests.toys.course:outcomes", arguments=[])


def test_each_way_to_end_has_its_status_and_its_words(outcomes: Plan) -> None:
    report = supervisor.run(outcomes)
    words = {result.code: (result.status, result.found, result.expected, result.do) for result in report.results}
    broken = (Status.ERROR, "a check that returns a result", "")
    assert words == {
        "gone": (
            Status.FAIL,
            "the process ended with exit code 3 in the middle of the check",
            "an answer that ends by itself",
            "Stay.",
        ),
        "pass": (Status.PASS, "all is well", "", ""),
        "fail": (Status.FAIL, "found one", "two", "Make it two."),
        "skipped": (Status.SKIPPED, "there is no such device here", "", ""),
        "inconclusive": (Status.INCONCLUSIVE, "this machine is too busy", "", ""),
        "blocked": (Status.BLOCKED, "waits for `fail`", "", ""),
        "broken": (broken[0], "ZeroDivisionError: the check divides by zero", *broken[1:]),
        "speechless": (
            broken[0],
            "TypeError: the check returned None, expected what it found, in words",
            *broken[1:],
        ),
        "untravelled": (broken[0], "TypeError: Object of type object is not JSON serializable", *broken[1:]),
    }
    assert report.result("pass").details == {"figure": 1}
    assert report.result("fail").details == {"figure": 2}
    assert "in breaks" in str(report.result("broken").details["trace"])
    assert report.exit_code is ExitCode.COULD_NOT_CHECK


def test_only_what_is_wanted_runs_with_what_it_requires(outcomes: Plan) -> None:
    assert statuses(supervisor.run(replace(outcomes, wanted=["fail"]))) == {"pass": Status.PASS, "fail": Status.FAIL}


@pytest.mark.parametrize(
    ("suite", "last"),
    [
        ("tests.toys.course:does_not_load", "LookupError: this suite has lost its checks"),
        ("tests.toys.no_such_module:suite", "ModuleNotFoundError: No module named 'tests.toys.no_such_module'"),
    ],
)
def test_a_suite_that_does_not_load_is_an_error(outcomes: Plan, suite: str, last: str) -> None:
    report = supervisor.run(replace(outcomes, suite=suite))
    (result,) = report.results
    assert (result.code, result.status, result.expected) == ("suite", Status.ERROR, "checks that load")
    assert result.found.endswith(f"; the last it printed: {last}")


def test_what_could_not_be_started_anew_is_an_error_and_nobodys_fault(outcomes: Plan, tmp_path: Path) -> None:
    report = supervisor.run(
        replace(outcomes, suite="tests.toys.course:stops_at_the_second_start", arguments=[str(tmp_path)])
    )
    assert statuses(report) == {"gone": Status.FAIL, "pass": Status.ERROR}
    assert report.result("pass").found.endswith("LookupError: not a second time")


def test_a_supervisor_on_another_thread_comes_to_the_same_verdict(judge: Judge) -> None:
    reports: list[Report] = []
    thread = threading.Thread(target=lambda: reports.append(judge("right")))
    thread.start()
    thread.join()
    assert [report.status for report in reports] == [Status.PASS]


# The supervisor is ended itself

SUPERVISES = """
import sys
from pathlib import Path
from checks import supervisor
python, file, mark = sys.argv[1:]
supervisor.run(supervisor.Plan(
    subject="", python=Path(python), suite="tests.toys.course:exercise", arguments=[file, 60.0],
    environment={"WORKSHOP_TEST_MARK": mark}, folder=Path(file).parent,
))
"""


@contextmanager
def supervising(plan: Plan, mark: str) -> Iterator[tuple[subprocess.Popen[bytes], processes.Process]]:
    """A supervising process and its child, at the moment when the attendee's code waits."""
    assert plan.folder is not None
    fifo = plan.folder / "fifo"
    os.mkfifo(fifo)
    command = [sys.executable, "-c", SUPERVISES, str(plan.python), str(plan.arguments[0]), mark]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as own:
        child = processes.process(int(fifo.read_text()))
        assert child is not None
        yield own, child


def test_ctrl_c_leaves_no_process(plan: Callable[[str], Plan], mark: str) -> None:
    with supervising(plan("waits_with_a_daemon"), mark) as (own, child):
        assert len(processes.marked(MARK, mark)) == 2
        own.send_signal(signal.SIGINT)
        assert own.wait(timeout=AROUND_S) == -signal.SIGINT
        assert not child.is_alive
        assert processes.marked(MARK, mark) == []


def test_a_killed_supervisor_takes_the_child_with_it(plan: Callable[[str], Plan], mark: str) -> None:
    with supervising(plan("waits_with_a_daemon"), mark) as (own, child):
        handle = os.pidfd_open(child.pid)
        own.kill()
        ended, _, _ = select.select([handle], [], [], AROUND_S)
        os.close(handle)
        assert ended
