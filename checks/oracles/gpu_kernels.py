"""Oracle: is it a kernel, does it compile for a GPU, what does the simulator see, what does compute-sanitizer say?

A lab for the GPU runs on a GPU or on the simulator. What is proved by structure is proved on the simulator in both
cases: `on_simulator` starts one beside the GPU. What is compiled is compiled for a GPU in both cases, too.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from checks import supervisor
from checks.exercise import Exercise
from checks.oracles import simulator
from checks.oracles.gpu_races import quote
from checks.suite import Failed, Found, Inconclusive, NotPassed, Skipped
from foundation.model import Report, Status

_ROOT = Path(__file__).resolve().parents[2]
_COMPUTE_CAPABILITY = (7, 5)  # the oldest GPU that the images are built for
_SANITIZER = "compute-sanitizer"
_COMPLAINTS = 99  # what it is told to exit with


def kernel(exercise: Exercise, name: str) -> Any:
    """The attendee's kernel `name`; Failed where it is gone, or is no kernel."""
    found: Any = exercise.function(name)
    is_jitted = type(found).__name__ in ("FakeCUDAKernel", "CUDADispatcher")
    if not is_jitted or getattr(found, "_device", False) or getattr(found, "targetoptions", {}).get("device"):
        raise Failed(f"`{name}` is no kernel: it cannot be launched", expected="a function under `@cuda.jit`")
    return found


def launch(exercise: Exercise, name: str, grid: tuple[int, int], *arguments: Any) -> None:
    """Launch `name` on `grid` (blocks, threads in each) and wait for its end; whatever goes wrong is a Failed.

    Only an exception out of the attendee's own lines goes on as it is: the report names the line.
    """
    from numba import config, cuda

    config.CUDA_LOW_OCCUPANCY_WARNINGS = False  # a small grid is on purpose, and nothing that an attendee could mend
    launched = kernel(exercise, name)
    try:
        launched[grid](*arguments)
        cuda.synchronize()
    except Exception as error:
        if exercise.place(error.__traceback__):
            raise
        what = f"{type(error).__name__}: {_gist(str(error))}"
        raise Failed(f"`{name}` did not run: {what}", expected=f"a kernel of {len(arguments)} arguments") from None


def on_simulator(code: str) -> Callable[[Callable[[Exercise], Any]], Callable[[Exercise], Any]]:
    """The check `code` below it always runs on the simulator: in a process of its own if this one has a GPU."""

    def make(judge: Callable[[Exercise], Any]) -> Callable[[Exercise], Any]:
        @functools.wraps(judge)
        def judged(exercise: Exercise) -> Any:
            if simulator.is_on():
                return judge(exercise)
            return _outcome(_simulated(Path(judge.__code__.co_filename), exercise.path, code), code)

        return judged

    return make


def _simulated(check_file: Path, path: Path, code: str) -> Report:
    """The report on `code`, and on what it requires, by a process in which numba.cuda is the simulator."""
    plan = supervisor.Plan(
        subject=code,
        python=Path(sys.executable),
        suite="checks.exercise:suite",
        arguments=[str(check_file), str(path), True],
        wanted=[code],
        flags=["-X", "gil=1"],  # Numba's fakes of numba.cuda were written for it
        environment={"NUMBA_ENABLE_CUDASIM": "1"},
        code_file=path,
        folder=path.parent,
    )
    return supervisor.run(plan)


def _outcome(report: Report, code: str) -> Found:
    """What `report` says of `code`, as a check says it: Found, or an exception."""
    kinds: dict[Status, type[NotPassed]] = {Status.SKIPPED: Skipped, Status.INCONCLUSIVE: Inconclusive}
    for result in report.results:
        if result.status is Status.ERROR:
            raise RuntimeError(f"`{result.code}` broke on the simulator: {result.found}")
        if result.status is Status.FAIL or (result.code == code and result.status is not Status.PASS):
            kind = kinds.get(result.status, Failed)
            raise kind(result.found, expected=result.expected, do=result.do, details=result.details)
    result = report.result(code)
    return Found(f"{result.found} (on the simulator, beside the GPU)", result.details)


def require_compiles(exercise: Exercise, signatures: Mapping[str, str], limit_s: float = 30.0) -> str:
    """What was found, where Numba compiles each kernel of `signatures` for a GPU; Failed with its complaint otherwise.

    Needs no GPU. The simulator is Python and runs what no GPU can: lists, NumPy calls, shapes known only at run time.
    """
    answer = subprocess.run(
        [sys.executable, "-P", "-m", "checks.oracles.gpu_kernels", str(exercise.path)],
        input=json.dumps(dict(signatures)),
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "0", "PYTHONPATH": str(_ROOT)},
        cwd=exercise.path.parent,
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )
    if answer.returncode:
        raise Failed(f"the file does not load where kernels are compiled: {(answer.stderr.splitlines() or ['?'])[-1]}")
    for name, complaint in json.loads(answer.stdout.splitlines()[-1]).items():
        if complaint:
            raise Failed(f"`{name}` does not compile for a GPU: {complaint}", expected="what numba.cuda can compile")
    return f"{len(signatures)} kernels compile for a GPU"


def main(path: Path, signatures: Mapping[str, str]) -> dict[str, str]:
    """What Numba's compiler has against each kernel: "" if nothing."""
    from numba.core import sigutils
    from numba.core.errors import NumbaError
    from numba.cuda import dispatcher
    from numba.cuda.compiler import compile_cuda  # stops before NVVM, which only CUDA's libraries bring
    from numba.cuda.cudadrv import nvvm

    # all that is asked of NVVM on the way: how a GPU lays out its data, and a version to note in what is not kept
    nvvm.NVVM = lambda: SimpleNamespace(data_layout=nvvm._datalayout_i128, get_ir_version=lambda: (2, 0, 3, 1))

    # `@cuda.jit("void(...)")` compiles at once, by NVVM; device functions are compiled for the GPU that is there
    dispatcher.CUDADispatcher.compile = dispatcher.CUDADispatcher.disable_compile = lambda *_: None
    dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=_COMPUTE_CAPABILITY)
    exercise, complaints = Exercise(path), {}
    exercise.module  # noqa: B018 - what loading raises is no complaint of the compiler
    for name, signature in signatures.items():
        arguments, returned = sigutils.normalize_signature(signature)
        complaints[name] = ""
        try:
            compile_cuda(kernel(exercise, name).py_func, returned, arguments, cc=_COMPUTE_CAPABILITY)
        except Exception as error:  # noqa: BLE001 - a compiler has more than one way to say no
            complaints[name] = _gist(f"{'' if isinstance(error, NumbaError) else type(error).__name__}\n{error}")
    return complaints


def _gist(text: str) -> str:
    """The first lines of a compiler's complaint, and the line of code that it is about."""
    if "Signature mismatch" in text and "function takes" in text:  # numba 0.68: their overloads take *args
        return "a call that Numba 0.68 has not for CUDA, as `min(a, b)`, `max(a, b)` and `sorted(a)`: write it out"
    where = re.search(r'File "([^"<>]+)", line (\d+)|\(([^()<>]+\.py):?(?:, line )? ?\(?(\d+)\)?\)', text)
    lines = [
        line.strip() for line in text.splitlines() if line.strip() and not line.startswith(("Failed in", "During"))
    ]
    said = re.sub(r"<function (\S+) at 0x[0-9a-f]+>", r"\1", " ".join(lines[:2])) or "it says nothing"
    at = where and quote((where[1] or where[3], int(where[2] or where[4])))
    return f"{said[:240]} ({at})" if at else said[:240]


def sanitized(judge: Callable[[Exercise], None], exercise: Exercise, tool: str, limit_s: float = 60.0) -> str:
    """What was found, where compute-sanitizer's `tool` has nothing against the kernels that `judge(exercise)` launches.

    judge: a function of the lab's check.py. Skipped if there is no GPU, or no compute-sanitizer.
    """
    if simulator.is_on():
        raise Skipped(f"no GPU here: {_SANITIZER} cannot watch the simulator, `checks.oracles.gpu_races` does")
    program = shutil.which(_SANITIZER)
    if not program:
        raise Skipped(f"{_SANITIZER} is not installed (it comes with the CUDA toolkit)")
    code = "import sys; from pathlib import Path; from checks.exercise import Exercise, load;"
    code += f"load(Path(sys.argv[1]), 'lab_check').{judge.__name__}(Exercise(Path(sys.argv[2])))"
    options = ["--tool", tool, "--error-exitcode", str(_COMPLAINTS)]
    ran = subprocess.run(
        [program, *options, sys.executable, "-P", "-c", code, judge.__code__.co_filename, str(exercise.path)],
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )
    if ran.returncode == _COMPLAINTS:
        said = [line.removeprefix("=========").strip() for line in ran.stdout.splitlines() if line.startswith("=====")]
        raise Failed(f"{tool}: {next((line for line in said[1:] if line), 'it complains')}", expected="no complaint")
    if ran.returncode:
        raise Inconclusive(f"{_SANITIZER} --tool {tool} ended with exit code {ran.returncode} and no complaint")
    return f"{_SANITIZER} --tool {tool} has no complaint"


if __name__ == "__main__":
    with redirect_stdout(sys.stderr):  # whatever the exercise prints
        _answer = main(Path(sys.argv[1]), json.loads(sys.stdin.read()))
    print(json.dumps(_answer))
