from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from checks.environment.fresh import Ran, run, run_script

PYTHON = Path(sys.executable)


def test_output_and_exit_code_come_back() -> None:
    ran = run(
        [PYTHON, "-c", "import sys; print('to out'); print('to err', file=sys.stderr); sys.exit(3)"], os.environ, 20
    )
    assert ran == Ran(3, "to out\n", "to err\n")
    assert ran.ending == "ended with exit code 3"
    assert ran.last_words == "to err"


def test_a_signal_is_named() -> None:
    ran = run([PYTHON, "-c", "import os; os.abort()"], os.environ, 20)
    assert ran.ending == "was ended by SIGABRT"


def test_a_command_that_does_not_end_is_stopped_with_what_it_started() -> None:
    began = time.monotonic()
    ran = run(["sh", "-c", "echo before; sleep 600 & echo $!; wait"], os.environ, 0.3)
    child = int(ran.out.split()[1])
    assert ran.code is None
    assert ran.ending == "did not end in time"
    assert time.monotonic() - began < 10
    assert not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2]


def test_a_grandchild_that_keeps_the_output_open_does_not_hold_the_caller() -> None:
    began = time.monotonic()
    ran = run(["sh", "-c", "sleep 30 & echo done"], os.environ, 20)
    assert (ran.code, ran.out) == (0, "done\n")
    assert time.monotonic() - began < 10


def test_a_script_runs_isolated_from_variables_and_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')")
    monkeypatch.chdir(tmp_path)
    ran = run_script("build", [], PYTHON, {**os.environ, "PYTHONPATH": str(tmp_path)}, 20)
    assert ran.code == 0


def test_a_command_that_is_not_there_is_an_oserror() -> None:
    with pytest.raises(FileNotFoundError):
        run(["/no/such/command"], os.environ, 5)
