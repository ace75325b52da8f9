"""What free threading costs one thread: every free-threaded Python of ours beside an ordinary one, on pyperformance.

The interpreters are those of the lab images, if a Docker engine has any, and those of this machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyperf
import pyperformance

from images.cpython.recipe import find_built
from images.versions import versions
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

    @property
    def name(self) -> str:
        """What it is, in words."""
        if not self.is_free_threaded:
            return f"ordinary {self.version}"
        return f"{self.version}t, {'PGO and LTO' if self.is_optimised else 'plain build'}"

    @property
    def number(self) -> tuple[int, ...]:
        """Its version as numbers."""
        return tuple(int(part) for part in re.findall(r"\d+", self.version)[:3])

    def is_worth_comparing_with(self, other: Interpreter) -> bool:
        """Whether one thing only lies between the two: how it was built, or a newer series."""
        is_newer_series = self.number[:2] > other.number[:2] and self.is_optimised == other.is_optimised
        is_better_built = self.number == other.number and self.is_optimised and not other.is_optimised
        return is_newer_series or is_better_built

    def __str__(self) -> str:
        """The same, and where it is."""
        return f"{self.name} ({self.where})"


def interpreter() -> Iterator[Figure]:
    """How many times as long each benchmark takes on the first Python of a pair, for all the pairs that there are."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        bring(folder)
        chosen = pairs(list(filter(None, candidates(folder))))
        arms = list(dict.fromkeys(arm for pair in chosen for arm in pair))
        for arm in arms:
            print(f"    {arm}")
        if not chosen:
            print("    needs a free-threaded and an ordinary Python: a lab image, or ./workshop up here")
            return
        times = {name: {arm: seconds(arm, name, folder) for arm in arms} for name in BENCHMARKS}
    for ours, other in chosen:
        against = f"{ours.name} over {other.name}"
        if not other.is_free_threaded:
            for name, row in times.items():
                yield Figure(f"{name}: {against}", row[ours] / row[other], "x")
        yield Figure(f"geometric mean of {len(times)}: {against}", ratio(times, ours, other), "x")


def ratio(times: Mapping[str, Mapping[Interpreter, float]], ours: Interpreter, other: Interpreter) -> float:
    """The geometric mean of one interpreter's times over those of the other."""
    return statistics.geometric_mean(row[ours] / row[other] for row in times.values())


def pairs(found: Sequence[Interpreter]) -> list[tuple[Interpreter, Interpreter]]:
    """Which is compared with which; of several that are the same Python, the first is taken.

    Each free-threaded Python with the ordinary one that is nearest in version; an optimised build with the plain one of
    its version; a newer series with an older one that was built alike.
    """
    distinct = list({each.name: each for each in reversed(found)}.values())[::-1]
    free = sorted((each for each in distinct if each.is_free_threaded), key=lambda each: each.number)
    ordinary = [each for each in distinct if not each.is_free_threaded]
    if not ordinary:
        return []
    nearest = [(ours, min(ordinary, key=lambda each: abs(each.number[1] - ours.number[1]))) for ours in free]
    kin = [(ours, other) for other in free for ours in free if ours.is_worth_comparing_with(other)]
    return nearest + kin


def candidates(folder: Path) -> Iterator[Interpreter | None]:
    """The Pythons of the lab images, then of this machine. `folder` is there in containers too."""
    for image in images():
        for python in IN_AN_IMAGE:
            user = f"{os.getuid()}:{os.getgid()}"
            run = ("docker", "run", "--rm", "--network", "none", "--user", user, "--workdir", "/tmp")
            seen = ("--volume", f"{folder}:{folder}", "--env", f"PYTHONPATH={folder}", "--entrypoint", python)
            yield asked((*run, *seen, image), f"image {image}")
    built = [build.python for name in versions().series if (build := find_built(versions().rows(name)))]
    for here in (Place.from_environment().lab_python(), *built, Path("/usr/bin/python3")):
        if here and os.access(here, os.X_OK):
            yield asked((str(here),), "this machine")


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
