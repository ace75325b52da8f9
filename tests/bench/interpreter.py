"""What free threading costs one thread: our 3.13t beside its plain build and an ordinary Python, on pyperformance.

The interpreters are those of lab images if a Docker engine has any, otherwise those of this machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyperf
import pyperformance

from provisioning.here import engine
from provisioning.here.engine import Engine
from provisioning.here.place import Place, clean_environment
from tests.bench.figures import Figure

BENCHMARKS = ("chaos", "deltablue", "float", "go", "json_dumps", "nbody", "raytrace", "regex_compile", "richards")
PRECISION = ("--processes", "4", "--values", "3", "--warmups", "1", "--quiet")
SOURCES = Path(pyperformance.__file__).parent / "data-files" / "benchmarks"
LAB_IMAGE = r"(^|/)gilfree/lab:"  # whatever stands before it
IN_AN_IMAGE = ("/opt/lab/bin/python", "/usr/bin/python3")
CPU_TIME = "import time\ntime.perf_counter = time.process_time\n"  # of one thread the same, whatever else runs
ASK = """\
import json, sys, sysconfig
options = sysconfig.get_config_var("CONFIG_ARGS") or ""
print(json.dumps([sys.version.split()[0], bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
                  "--enable-optimizations" in options and "lto" in options]))
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python: how to run it, up to its arguments, and what it is."""

    command: tuple[str, ...]
    where: str
    version: str
    is_free_threaded: bool
    is_optimised: bool

    def __str__(self) -> str:
        """In words."""
        if not self.is_free_threaded:
            return f"ordinary Python {self.version} ({self.where})"
        return f"{self.version}t, {'PGO and LTO' if self.is_optimised else 'plain build'} ({self.where})"


def interpreter() -> Iterator[Figure]:
    """Each benchmark's time on our 3.13t, over the ordinary Python's; then over the plain build's."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        bring(folder)
        found = [each for each in candidates(folder) if each]
        ours, plain, ordinary = choose(found)
        for each in filter(None, (ours, plain, ordinary)):
            print(f"    {each}")
        if ours is None or ordinary is None:
            print("    needs a free-threaded and an ordinary Python, better two lab images: PGO=yes and PGO=")
            return
        arms = [ours, ordinary] + ([plain] if plain else [])
        times = {name: [seconds(arm, name, folder) for arm in arms] for name in BENCHMARKS}
    against = f"over ordinary {ordinary.version}"
    for name, (own, other, *_) in times.items():
        yield Figure(f"{name}: {against}", own / other, "x")
    yield Figure(f"geometric mean of {len(times)}: {against}", ratio(times, 1), "x")
    if plain:
        yield Figure(f"geometric mean of {len(times)}: over the plain build", ratio(times, 2), "x")


def ratio(times: dict[str, list[float]], other: int) -> float:
    """The geometric mean of the first arm's times over those of the arm `other`."""
    return statistics.geometric_mean(row[0] / row[other] for row in times.values())


def choose(found: Sequence[Interpreter]) -> tuple[Interpreter | None, Interpreter | None, Interpreter | None]:
    """Ours, its plain build if ours is an optimised one, and an ordinary Python, as near in version as there is."""
    free = [each for each in found if each.is_free_threaded]
    ours = next((each for each in free if each.is_optimised), next(iter(free), None))
    plain = next((each for each in free if ours and ours.is_optimised and not each.is_optimised), None)
    series = ours.version.rpartition(".")[0] if ours else ""
    ordinary = [each for each in found if not each.is_free_threaded]
    same = next((each for each in ordinary if each.version.startswith(f"{series}.")), None)
    return ours, plain, same or next(iter(ordinary), None)


def candidates(folder: Path) -> Iterator[Interpreter | None]:
    """The Pythons of the lab images, then of this machine. `folder` is there in containers too."""
    for image in images():
        for python in IN_AN_IMAGE:
            user = f"{os.getuid()}:{os.getgid()}"
            run = ("docker", "run", "--rm", "--network", "none", "--user", user, "--workdir", "/tmp")
            seen = ("--volume", f"{folder}:{folder}", "--env", f"PYTHONPATH={folder}", "--entrypoint", python)
            yield asked((*run, *seen, image), f"image {image}")
    for python in (str(Place.from_environment().lab_python() or ""), "/usr/bin/python3"):
        if os.access(python, os.X_OK):
            yield asked((python,), "this machine")


def images() -> list[str]:
    """The lab images of the engine that answers here."""
    if not isinstance(engine.look(), Engine):
        return []
    words = ["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]
    found = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    return [image for image in found if re.search(LAB_IMAGE, image)]


def asked(command: tuple[str, ...], where: str) -> Interpreter | None:
    """What the interpreter says of itself; None if it does not run."""
    done = subprocess.run([*command, "-c", ASK], capture_output=True, text=True, check=False)
    return None if done.returncode else Interpreter(command, where, *json.loads(done.stdout))


def bring(folder: Path) -> None:
    """Put the benchmarks and what runs them, all of it pure Python, into `folder`; they measure CPU time."""
    folder.chmod(0o755)
    shutil.copytree(Path(pyperf.__file__).parent, folder / "pyperf", ignore=shutil.ignore_patterns("__pycache__"))
    for name in BENCHMARKS:
        shutil.copytree(SOURCES / f"bm_{name}", folder / f"bm_{name}")
    (folder / "sitecustomize.py").write_text(CPU_TIME, encoding="utf-8")


def seconds(arm: Interpreter, name: str, folder: Path) -> float:
    """The mean CPU time of one benchmark on one interpreter."""
    result = Path(tempfile.mkdtemp(dir=folder)) / "result.json"
    script = str(folder / f"bm_{name}" / "run_benchmark.py")
    words = [*arm.command, script, *PRECISION, "--inherit-environ", "PYTHONPATH", "--output", str(result)]
    environment = {**clean_environment(), "PYTHONPATH": str(folder)}
    done = subprocess.run(words, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{name} on {arm}: {done.stdout}{done.stderr}"
    return mean(json.loads(result.read_text()))


def mean(said: dict[str, list[dict[str, list[dict[str, list[float]]]]]]) -> float:
    """The mean of all values in a result of pyperf's."""
    return statistics.mean(
        value for benchmark in said["benchmarks"] for run in benchmark["runs"] for value in run.get("values", [])
    )
