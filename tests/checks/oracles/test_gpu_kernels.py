from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
SIGNATURE = "void(uint8[::1], int32[::1])"
GOOD = """
import numpy as np
from numba import cuda, int32

@cuda.jit(device=True)
def one():
    return 1

@cuda.jit
def good(data, hist):
    mine = cuda.shared.array(8, int32)
    cuda.atomic.add(hist, data[0], one())

@cuda.jit("void(uint8[:], int32[:])")
def compiled_at_once(data, hist):
    cuda.atomic.add(hist, data[0], 1)
"""
BAD = """
@cuda.jit
def bad_shape(data, hist):
    mine = cuda.shared.array(hist.size, int32)

@cuda.jit
def bad_call(data, hist):
    hist[0] = np.bincount(data)[0]

@cuda.jit
def bad_min(data, hist):
    hist[0] = min(data[0], data[1])

@cuda.jit(device=True)
def no_kernel(data, hist):
    pass
"""
JUDGE = """
import json, sys
from pathlib import Path
from checks.exercise import Exercise
from checks.oracles import gpu_kernels
from checks.suite import NotPassed

exercise = Exercise(Path(sys.argv[1]))
try:
    print(json.dumps(["found", eval(sys.argv[2])]))
except NotPassed as outcome:
    print(json.dumps([type(outcome).__name__, outcome.found]))
"""


def judged(python: Path, exercise: Path, call: str, **environment: str) -> Any:
    """["found", what `call` returned], or [the outcome's kind, what it found]."""
    ran = subprocess.run(
        [python, "-X", "gil=1", "-P", "-c", JUDGE, str(exercise), call],
        env={**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_ENABLE_CUDASIM": "1", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.fixture
def exercise(tmp_path: Path) -> Path:
    path = tmp_path / "exercise.py"
    path.write_text(GOOD + BAD + "\nprint('an exercise may print')\nplain = lambda data, hist: None\n")
    return path


def compiling(*names: str) -> str:
    return f"gpu_kernels.require_compiles(exercise, {dict.fromkeys(names, SIGNATURE)!r})"


def test_kernels_compile_without_a_gpu(lab_python: Path, exercise: Path) -> None:
    answer = judged(lab_python, exercise, compiling("good", "compiled_at_once"))
    assert answer == ["found", "2 kernels compile for a GPU"]


WITHOUT_NVVM = """
import json, sys
from pathlib import Path
from checks.oracles.gpu_kernels import main

def refuse(event, arguments):
    if event == "ctypes.dlopen" and "nvvm" in str(arguments[0]):
        raise OSError("there is no libNVVM here")

sys.addaudithook(refuse)
complaints = main(Path(sys.argv[1]), json.loads(sys.argv[2]))
print(json.dumps(complaints))
"""


def test_nothing_of_cuda_is_loaded_to_compile(lab_python: Path, exercise: Path) -> None:
    signatures = json.dumps({"good": SIGNATURE})
    ran = subprocess.run(
        [lab_python, "-P", "-c", WITHOUT_NVVM, exercise, signatures],
        env={**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_ENABLE_CUDASIM": "0"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(ran.stdout.splitlines()[-1]) == {"good": ""}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("bad_shape", "`mine = cuda.shared.array(hist.size, int32)`"),
        ("bad_call", "`hist[0] = np.bincount(data)[0]`"),
        ("bad_min", "as `min(a, b)`, `max(a, b)` and `sorted(a)`: write it out"),
    ],
)
def test_what_a_gpu_cannot_run_is_refused_and_named(lab_python: Path, exercise: Path, name: str, told: str) -> None:
    kind, found = judged(lab_python, exercise, compiling("good", name))
    assert (kind, found.startswith(f"`{name}` does not compile for a GPU")) == ("Failed", True)
    assert told in found


@pytest.mark.parametrize("name", ["no_kernel", "plain", "absent"])
def test_only_a_kernel_is_a_kernel(lab_python: Path, exercise: Path, name: str) -> None:
    kind, found = judged(lab_python, exercise, f"gpu_kernels.kernel(exercise, {name!r})")
    assert (kind, f"`{name}` is" in found) == ("Failed", True)


def test_launch_with_other_arguments_is_a_failure(lab_python: Path, exercise: Path) -> None:
    kind, found = judged(lab_python, exercise, "gpu_kernels.launch(exercise, 'good', (1, 1), 1, 2, 3)")
    assert (kind, found.startswith("`good` did not run: TypeError")) == ("Failed", True)


def test_sanitizer_is_skipped_with_a_reason_where_there_is_no_gpu(lab_python: Path, exercise: Path) -> None:
    kind, found = judged(lab_python, exercise, "gpu_kernels.sanitized(len, exercise, 'racecheck')")
    assert (kind, found.startswith("no GPU here")) == ("Skipped", True)


LAB_CHECK = """
from checks.oracles import gpu_kernels, simulator
from checks.suite import Failed, check


@check("inside", "Runs on the simulator")
@gpu_kernels.on_simulator("inside")
def inside(exercise):
    '''Look.'''
    assert simulator.is_on()
    if exercise.path.with_name("wrong").exists():
        raise Failed("wrong", expected="right", do="mend it")
    return "seen"
"""


@pytest.mark.parametrize(
    ("wrong", "answer"), [(False, ["found", "seen (on the simulator, beside the GPU)"]), (True, ["Failed", "wrong"])]
)
def test_check_goes_to_a_simulator_where_this_process_has_none(
    lab_python: Path, exercise: Path, wrong: bool, answer: list[str]
) -> None:
    exercise.with_name("check.py").write_text(LAB_CHECK)
    if wrong:
        exercise.with_name("wrong").touch()
    exercise.write_text(GOOD.split('@cuda.jit("void', maxsplit=1)[0])
    call = "(lambda found: getattr(found, 'text', found))(__import__('checks.exercise').exercise.load("
    call += "exercise.path.with_name('check.py'), 'lab_check').inside.run(exercise))"
    assert judged(lab_python, exercise, call, NUMBA_ENABLE_CUDASIM="0") == answer


SANITIZER = """#!/bin/sh
echo "========= COMPUTE-SANITIZER"
echo "========= Error: Race reported"
exit {code}
"""


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (0, ["found", "compute-sanitizer --tool racecheck has no complaint"]),
        (99, ["Failed", "racecheck: Error: Race reported"]),
        (1, ["Inconclusive", "compute-sanitizer --tool racecheck ended with exit code 1 and no complaint"]),
    ],
)
def test_sanitizers_exit_code_decides(lab_python: Path, exercise: Path, code: int, answer: list[str]) -> None:
    program = exercise.with_name("compute-sanitizer")
    program.write_text(SANITIZER.format(code=code))
    program.chmod(0o755)
    call = "gpu_kernels.sanitized(gpu_kernels.main, exercise, 'racecheck')"
    path = f"{exercise.parent}:{os.environ['PATH']}"
    assert judged(lab_python, exercise, call, NUMBA_ENABLE_CUDASIM="0", PATH=path) == answer
