from __future__ import annotations

import json
import os
import secrets
import subprocess
from pathlib import Path
from typing import Any

import pytest

from checks.environment.kernels import Kernel, judge, kernel_folders
from foundation import processes
from tests.checks.environment.fakes import environment_of

ROOT = Path(__file__).resolve().parents[3]
PROMISES = {"gilfree": False, "gilfree-gil": True}
MARK = "TEST_OF_KERNELS"

# The check itself, in the interpreter in which it runs: that is where jupyter_client is.
RUN = """
import json
from checks.environment.environment import here
from checks.environment.kernels import compute
from checks.suite import NotPassed
try:
    found = compute.run(here())
    answer = {"status": "passed", "found": found.text}
except NotPassed as outcome:
    answer = {"status": type(outcome).__name__, "found": outcome.found}
print(json.dumps(answer))
"""


def write_kernel(folder: Path, name: str, argv: list[str | Path]) -> None:
    (folder / "kernels" / name).mkdir(parents=True)
    spec = {"argv": [str(word) for word in argv], "display_name": name, "language": "python"}
    (folder / "kernels" / name / "kernel.json").write_text(json.dumps(spec))


def ipykernel(python: Path, *options: str) -> list[str | Path]:
    return [python, *options, "-m", "ipykernel_launcher", "-f", "{connection_file}"]


def checked(python: Path, jupyter_path: Path) -> Any:
    """What the check says of the kernels below `jupyter_path`; it must leave no process behind."""
    token = secrets.token_hex(8)
    environ = {**os.environ, "JUPYTER_PATH": str(jupyter_path), "PYTHONPATH": str(ROOT), MARK: token}
    environ.pop("PYTHON_GIL", None)
    ran = subprocess.run([python, "-c", RUN], env=environ, capture_output=True, text=True, timeout=120, check=False)
    left = processes.marked(MARK, token)
    processes.end(left, grace_s=0)
    assert left == []
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def test_two_kernels_that_keep_their_promise_pass(lab_python: Path, tmp_path: Path) -> None:
    write_kernel(tmp_path, "gilfree", ipykernel(lab_python))
    write_kernel(tmp_path, "gilfree-gil", ipykernel(lab_python, "-X", "gil=1"))
    assert checked(lab_python, tmp_path) == {
        "status": "passed",
        "found": "`gilfree` with the GIL off, `gilfree-gil` with the GIL on: started and computed",
    }


def test_a_kernel_that_breaks_its_promise_and_one_that_dies_are_named_together(
    lab_python: Path, tmp_path: Path
) -> None:
    write_kernel(tmp_path, "gilfree", ipykernel(lab_python, "-X", "gil=1"))
    write_kernel(tmp_path, "gilfree-gil", [lab_python, "-c", "raise SystemExit('no such package')"])
    answer = checked(lab_python, tmp_path)
    assert answer["status"] == "Failed"
    wrong, dead = answer["found"].split("; ")
    assert wrong == "`gilfree` runs with the GIL on, its name promises off"
    assert dead.startswith("`gilfree-gil`: Kernel died")
    assert dead.endswith("(no such package)")


def test_kernels_that_are_not_there_or_cannot_be_started_are_named(lab_python: Path, tmp_path: Path) -> None:
    write_kernel(tmp_path, "gilfree-gil", ["/no/such/python"])
    answer = checked(lab_python, tmp_path)
    assert answer["status"] == "Failed"
    assert f"`gilfree`: not found in {tmp_path / 'kernels'}" in answer["found"]
    assert "`gilfree-gil`: [Errno 2] No such file or directory" in answer["found"]


def test_kernels_are_looked_for_in_jupyter_path_and_then_in_the_environment(tmp_path: Path) -> None:
    environment = environment_of(Path("python"), tmp_path, environ={"JUPYTER_PATH": "/one::/two"})
    assert kernel_folders(environment.environ, environment.prefix) == [
        "/one/kernels",
        "/two/kernels",
        str(tmp_path / "share/jupyter/kernels"),
    ]


def test_kernels_that_keep_their_promise_have_no_fault() -> None:
    assert judge([Kernel("gilfree", "", True, False), Kernel("gilfree-gil", "", True, True)], PROMISES) == []


@pytest.mark.parametrize(
    ("kernel", "fault"),
    [
        (Kernel("gilfree", fault="not found in /x"), "`gilfree`: not found in /x"),
        (Kernel("gilfree", is_sum_right=False), "`gilfree` computes wrongly"),
        (
            Kernel("gilfree-gil", is_sum_right=True, gil_on=False),
            "`gilfree-gil` runs with the GIL off, its name promises on",
        ),
    ],
)
def test_each_fault_is_one_sentence(kernel: Kernel, fault: str) -> None:
    assert judge([kernel], PROMISES) == [fault]
