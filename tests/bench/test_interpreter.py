"""Which interpreters are compared, and how their times become one figure."""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.bench import interpreter
from tests.bench.interpreter import Interpreter, asked, mean, pairs, ratio


def python(version: str, where: str = "here", *, free: bool = True, optimised: bool = False) -> Interpreter:
    return Interpreter((where,), where, version, free, optimised)


PLAIN = python("3.13.15", "plain")
PGO = python("3.13.15", "pgo", optimised=True)
NEWER = python("3.14.7", "newer")
NEWER_PGO = python("3.14.7", "newer, pgo", optimised=True)
DISTRIBUTIONS = python("3.13.5", "distribution", free=False, optimised=True)
OLDER = python("3.11.2", "older", free=False, optimised=True)


@pytest.mark.parametrize(
    ("found", "compared"),
    [
        ([OLDER, PLAIN, DISTRIBUTIONS], [(PLAIN, DISTRIBUTIONS)]),
        ([PLAIN, OLDER], [(PLAIN, OLDER)]),
        ([PGO, PLAIN, OLDER], [(PGO, OLDER), (PLAIN, OLDER), (PGO, PLAIN)]),
        ([NEWER, DISTRIBUTIONS, PLAIN], [(PLAIN, DISTRIBUTIONS), (NEWER, DISTRIBUTIONS), (NEWER, PLAIN)]),
        ([NEWER_PGO, DISTRIBUTIONS, PLAIN], [(PLAIN, DISTRIBUTIONS), (NEWER_PGO, DISTRIBUTIONS)]),
        ([PLAIN, python("3.13.15", "the same"), OLDER], [(PLAIN, OLDER)]),
        ([NEWER, PLAIN], []),
        ([OLDER, DISTRIBUTIONS], []),
    ],
)
def test_each_is_compared_with_the_nearest_ordinary_python_and_with_what_differs_in_one_thing(
    found: list[Interpreter], compared: list[tuple[Interpreter, Interpreter]]
) -> None:
    assert pairs(found) == compared


def test_a_python_says_what_it_is(lab_python: Path) -> None:
    ordinary, free = asked((sys.executable,), "here"), asked((str(lab_python),), "here")
    assert ordinary is not None
    assert free is not None
    assert ordinary.version == sys.version.split()[0]
    assert (ordinary.is_free_threaded, free.is_free_threaded) == (
        bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        True,
    )
    assert "ordinary " in str(ordinary)
    assert f"{free.version}t" in str(free)


def test_what_does_not_run_is_no_python() -> None:
    assert asked(("false",), "here") is None


def test_ratios_are_averaged_so_that_twice_and_half_cancel() -> None:
    times = {"a": {PLAIN: 2.0, OLDER: 1.0}, "b": {PLAIN: 1.0, OLDER: 2.0}}
    assert ratio(times, PLAIN, OLDER) == pytest.approx(1.0)


def test_a_mean_takes_every_value_of_every_run_and_no_calibration() -> None:
    assert mean({"benchmarks": [{"runs": [{"warmups": [9.0]}, {"values": [1.0, 2.0]}, {"values": [3.0]}]}]}) == 2.0


def test_the_benchmarks_run_on_the_labs_python(tmp_path: Path, lab_python: Path) -> None:
    interpreter.bring(tmp_path)
    name = interpreter.BENCHMARKS[0]
    script = tmp_path / f"bm_{name}" / "run_benchmark.py"
    options = ["--debug-single-value", "--inherit-environ", "PYTHONPATH", "--output", str(tmp_path / "r")]
    command = [str(lab_python), str(script), *options]
    subprocess.run(command, env={"PYTHONPATH": str(tmp_path)}, cwd=tmp_path, check=True, capture_output=True)
    assert mean(json.loads((tmp_path / "r").read_text())) > 0
