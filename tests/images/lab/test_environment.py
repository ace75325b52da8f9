from __future__ import annotations

import io
import os
import subprocess
import time
from pathlib import Path

import pytest

from foundation.problem import Problem
from foundation.steps import Steps
from images import locks
from images.interpreter import Interpreter
from images.lab.environment import LabEnvironment, ensure, environment_name, lock_of, with_local_wheels

needs_environment = pytest.mark.timeout(1800)
FOUND = Interpreter(Path("/opt/bin/python3.13t"), "3.13.15", "found")


def without_python_variables(**more: str) -> dict[str, str]:
    """This environment without what steers Python, and with `more`."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}, **more}


def test_the_wheels_made_here_take_the_place_of_the_locked_files() -> None:
    lock = "one==1 \\\n    --hash=sha256:11\ntwo==2 \\\n    --hash=sha256:22\n"
    changed = with_local_wheels(lock, {"two": "two==2 \\\n    --hash=sha256:33\n"})
    assert changed == "one==1 \\\n    --hash=sha256:11\ntwo==2 \\\n    --hash=sha256:33\n"


def test_the_environments_name_changes_with_the_interpreter_and_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "lab-3.13t.txt"
    lock.write_text("one==1\n")
    names = {environment_name(FOUND, lock)}
    names.add(environment_name(Interpreter(FOUND.python, "3.13.18", "found"), lock))
    names.add(environment_name(Interpreter(Path("/usr/bin/python3.13t"), "3.13.15", "found"), lock))
    lock.write_text("one==2\n")
    names.add(environment_name(FOUND, lock))
    assert len(names) == 4
    assert all(name.startswith("lab-3.13t-") for name in names)


def test_a_series_without_a_lock_is_told() -> None:
    with pytest.raises(Problem) as caught:
        lock_of(Interpreter(Path("/opt/bin/python3.12"), "3.12.1", "found"))
    assert "there is no lab lock for Python 3.12t" in str(caught.value)
    assert "one of lab-3.13t" in str(caught.value)


class TestTheRealOne:
    pytestmark = needs_environment

    def test_it_is_there_at_once_the_second_time(
        self, interpreter: Interpreter, lab_environment: LabEnvironment, uv: Path, tmp_path: Path
    ) -> None:
        screen = io.StringIO()
        began = time.perf_counter()
        again = ensure(interpreter, uv, Steps(1, tmp_path / "log", stream=screen))
        assert time.perf_counter() - began < 0.3
        assert again == lab_environment
        assert screen.getvalue() == "[1/1] lab environment   already there\n"

    def test_it_holds_what_the_lock_says_and_nothing_else(self, lab_environment: LabEnvironment) -> None:
        program = "from importlib.metadata import distributions as d; [print(f'{x.name}=={x.version}') for x in d()]"
        done = subprocess.run([lab_environment.python, "-c", program], capture_output=True, text=True, check=True)
        installed = {line.lower().replace("_", "-") for line in done.stdout.splitlines()}
        locked = locks.entries(lab_environment.lock.read_text())
        assert installed == {f"{name}=={locks.version_of(entry)}" for name, entry in locked.items()}

    def test_its_scripts_know_where_they_are(self, lab_environment: LabEnvironment) -> None:
        script = lab_environment.python.with_name("ipython")
        assert subprocess.run([script, "--version"], capture_output=True, check=True).stdout

    def test_jitted_code_runs_in_threads_with_the_gil_off(self, lab_environment: LabEnvironment) -> None:
        program = """
import sys, threading, warnings
warnings.simplefilter("error")
import ipykernel, matplotlib.pyplot, numba, numpy, PIL.Image, psutil, threadpoolctl, zmq
@numba.njit(nogil=True)
def total(count):
    result = 0
    for number in range(count):
        result += number
    return result
results = []
threads = [threading.Thread(target=lambda: results.append(total(1000))) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(results, sys._is_gil_enabled())
"""
        command = [str(lab_environment.python), "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, env=without_python_variables(), check=False)
        assert (done.stdout, done.stderr) == ("[499500, 499500] False\n", "")

    def test_the_simulator_runs_a_kernel_with_the_gil_on(self, lab_environment: LabEnvironment) -> None:
        program = """
import sys
import numpy
from numba import cuda
@cuda.jit
def double(values):
    index = cuda.grid(1)
    if index < values.size:
        values[index] *= 2
values = numpy.arange(5)
double[1, 8](values)
print(values.tolist(), sys._is_gil_enabled())
"""
        command = [str(lab_environment.python), "-X", "gil=1", "-c", program]
        environment = without_python_variables(NUMBA_ENABLE_CUDASIM="1")
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert done.stdout == "[0, 2, 4, 6, 8] True\n", done.stderr
