"""What lab 29 proves: the module is named in packages made at random, and the report does without it, unforced."""

from __future__ import annotations

import os
import random
import re
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from checks import gil
from checks.exercise import Exercise
from checks.oracles import answers, interpreters
from checks.suite import Failed, check

WORDS = ("amber", "basalt", "cobalt", "dune", "ember", "fjord", "garnet", "harbour", "indigo", "juniper", "lagoon")
NEEDS_GIL = ("_core", "_native", "_speedups", "_accel", "_impl")  # the names that suspects.c can be loaded under
DECLARED = ("_tables", "_codec", "_parser")
STATIONS = ("Bergen", "Davos", "Halifax", "Inari", "Kiruna", "Nuuk", "Oban", "Tromsø", "Ushuaia", "Vaduz", "Yakutsk")
BOUNDARIES = [  # each is met in every run: the rule for calm air, its edge, equals, order by what it feels like
    ["Zermatt", -20.0, 4.8],
    ["Davos", -20.0, 4.7],
    ["Aosta", -20.0, 4.7],
    ["Bodø", -15.0, 80.0],
    ["Oulu", -18.0, 0.0],
    ["Galway", 9.9, 4.8],
]
FORCED_LOG = "WORKSHOP_FORCED_LOG"
TELLS_IF_FORCED = f"""
import os, sys
if getattr(sys.flags, "gil", None) == 0:
    with open(os.environ["{FORCED_LOG}"], "a") as log:
        print("PYTHON_GIL=0" if os.environ.get("PYTHON_GIL") else "-X gil=0", file=log)
"""


@check("asks_elsewhere", "Asking leaves the GIL of this process off")
def asks_elsewhere(exercise: Exercise) -> str:
    """What the import does to the process where it runs cannot be undone: import the package in a fresh Python."""
    with scratch() as folder:
        name, _culprit = make_package(folder, depth=1)
        _answers, is_on = interpreters.ask(asked, exercise, [name], paths=[folder])
    if is_on:
        raise Failed(
            f'after `who_enabled_the_gil("{name}")` the GIL is on in the process that asked',
            expected="the GIL off, as before",
        )
    return "GIL off after the question"


@check("names_it", "The module is named, at any depth of any package", requires=["asks_elsewhere"])
def names_it(exercise: Exercise) -> str:
    """CPython's warning names the module that was loaded, with all its dots. Import the very module that was asked for:
    its package alone may load nothing. Look for that sentence: the package may
    print and warn of other things, and may load extension modules that are not to blame.
    """
    with scratch() as folder:
        packages = dict(make_package(folder, depth) for depth in (1, 2, 4))
        packages |= dict([make_package(folder, 2, imports_below=False)])
        said, _is_on = interpreters.ask(asked, exercise, list(packages), paths=[folder])
    for (name, culprit), answer in zip(packages.items(), said, strict=True):
        answers.same(answer, culprit, f'`who_enabled_the_gil("{name}")`')
    return f"named: {', '.join(f'`{culprit}`' for culprit in packages.values())}"


@check("innocent", "None if nobody did it", requires=["asks_elsewhere"])
def innocent(exercise: Exercise) -> str:
    """An extension module that declares free-threading does no harm, nor does a file that nobody imports."""
    with scratch() as folder:
        name, _nobody = make_package(folder, depth=2, guilty=False)
        said, _is_on = interpreters.ask(asked, exercise, [name, "json"], paths=[folder])
    for each, answer in zip([name, "json"], said, strict=True):
        answers.same(answer, None, f'`who_enabled_the_gil("{each}")`')
    return "None for a package whose extensions declare free-threading"


@check("report_right", "`report` gives the right lines")
def report_right(exercise: Exercise) -> str:
    """Compare with what `weather.report.lines` gives: the coldest to the skin first, and calm air has its own rule."""
    library()  # without a compiler `weather` cannot be imported as it comes
    for readings in ([*BOUNDARIES, *random_readings()], []):
        answers.same(interpreters.ask(reported, exercise, readings)["lines"], expected_lines(readings), "the report")
    return "the lines are equal to those of the compiled module: calm air, wind of exactly 4.8 km/h, equal ones, none"


@check("not_forced", "Nobody forces the GIL off", requires=["report_right"])
def not_forced(exercise: Exercise) -> str:
    """PYTHON_GIL=0 and `-X gil=0` do not make the module safe, they take away the lock that it relies on. Do without
    the module instead.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "forced"
        (Path(folder) / "sitecustomize.py").write_text(TELLS_IF_FORCED)  # read at the start of each Python
        environment = {FORCED_LOG: str(log)}
        seen = interpreters.ask(reported, exercise, random_readings(), paths=[Path(folder)], environment=environment)
        how = [*seen["forced"], *(log.read_text().splitlines() if log.exists() else [])]
    if how:
        raise Failed(f"`report` starts a Python with the GIL forced off, by {how[0]}", expected="no Python forced")
    if seen["PYTHON_GIL"] is not None:
        raise Failed(f"`report` sets PYTHON_GIL={seen['PYTHON_GIL']}", expected="PYTHON_GIL left unset")
    return "PYTHON_GIL unset, no `-X gil=0`"


@check("package_untouched", "What was installed is as it was", requires=["report_right"])
def package_untouched(exercise: Exercise) -> str:
    """The package `weather` is not yours to change: the next update would bring the old one back, and other programs use
    it, too. Change `report`. (`./workshop lab reset 29` brings the package back; your exercise is kept.)
    """
    interpreters.ask(reported, exercise, random_readings())
    files = Path(__file__).with_name("files")
    for file in sorted((files / "weather").rglob("*.[pc]*")):
        name, here = file.relative_to(files), exercise.path.parent / file.relative_to(files)
        if "__pycache__" not in file.parts and (not here.is_file() or here.read_bytes() != file.read_bytes()):
            raise Failed(f"{name} {'was changed' if here.is_file() else 'is gone'}", expected="the file as it came")
    return "each file of `weather` is as it came"


@check("stays_off", "The GIL is off after `report` has run", requires=["not_forced", "package_untouched"])
def stays_off(exercise: Exercise) -> str:
    """Something that `report` imports loads the module all the same: later, or by way of a package's `__init__`, which
    runs before each of its submodules. `who_enabled_the_gil` can tell you about any import that you try.
    """
    seen = interpreters.ask(reported, exercise, random_readings())
    if seen["gil"]:
        raise Failed(f"while `report` ran, {seen['gil']}", expected="GIL off, before and after")
    return "GIL off, before and after"


def asked(exercise: Exercise, names: list[str]) -> tuple[list[str | None], bool]:
    """The attendee's answers on the modules `names`, and whether the GIL of the process that asked is on after that."""
    said = []
    for name in names:
        answer = exercise.function("who_enabled_the_gil")(name)
        if not (answer is None or isinstance(answer, str)):
            found = f'`who_enabled_the_gil("{name}")` is {answers.short(answer)}'
            raise Failed(found, expected="the name of a module, or None")
        said.append(answer)
    return said, gil.is_enabled()


def reported(exercise: Exercise, readings: list[list[Any]]) -> dict[str, Any]:
    """The attendee's report, what the process is like after it, and which forced Pythons it has started."""
    forced: list[str] = []
    sys.addaudithook(lambda event, arguments: forced.extend(forcing(event, arguments)))
    os.environ.pop("WEATHER_PURE_PYTHON", None)  # a kernel that has run an answer hands its switch down to `%check`
    lines = exercise.function("report")([tuple(each) for each in readings])
    if not (isinstance(lines, list | tuple) and all(isinstance(line, str) for line in lines)):
        raise Failed(f"`report` returns {answers.short(lines)}", expected="a list of lines")
    return {
        "lines": list(lines),
        "gil": exercise.turned_on_by(),
        "PYTHON_GIL": os.environ.get("PYTHON_GIL"),
        "forced": forced,
    }


def forcing(event: str, arguments: tuple[Any, ...]) -> list[str]:
    """`-X gil=0`, if the event is the start of a process with that option: an isolated one tells nobody by itself."""
    if event not in ("subprocess.Popen", "os.posix_spawn", "os.exec", "os.system"):
        return []
    words = arguments[0] if event == "os.system" else arguments[1]
    line = words if isinstance(words, str | bytes) else " ".join(map(os.fsdecode, words))
    return ["-X gil=0"] if re.search(r"-X\s*gil=0", os.fsdecode(line)) else []


def random_readings() -> list[list[Any]]:
    """Seven readings, one of them in calm air."""
    weather = [(random.randrange(-300, 100) / 10, random.randrange(48, 900) / 10) for _ in range(6)] + [calm_air()]
    stations = random.sample(STATIONS, len(weather))
    return [[station, *each] for station, each in zip(stations, weather, strict=True)]


def calm_air() -> tuple[float, float]:
    """Degrees Celsius and a wind for which the formula does not hold, and gives another tenth of a degree."""
    while True:
        celsius, wind_kmh = random.randrange(-300, 100) / 10, random.randrange(48) / 10
        if abs(wind_chill(celsius, wind_kmh) - celsius) > 0.1:
            return celsius, wind_kmh


def wind_chill(celsius: float, wind_kmh: float) -> float:
    """The formula of Environment Canada and the US weather service (2001), for winds from 4.8 km/h."""
    power: float = wind_kmh**0.16
    return 13.12 + 0.6215 * celsius - 11.37 * power + 0.3965 * celsius * power


def expected_lines(readings: list[list[Any]]) -> list[str]:
    """The report by the definition."""
    felt = sorted(
        (celsius if wind_kmh < 4.8 else wind_chill(celsius, wind_kmh), station)
        for station, celsius, wind_kmh in readings
    )
    return [f"{station}: feels like {degrees:.1f}" for degrees, station in felt]


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for packages made at random."""
    with tempfile.TemporaryDirectory(prefix="workshop-packages-") as folder:
        yield Path(folder)


def library() -> Path:
    """The compiled suspects.c. Where it cannot be had the lab proves nothing: that is an error, not something to skip."""
    from labs.extension import built

    return built(Path(__file__).with_name("suspects.c"))


def make_package(
    folder: Path, depth: int, *, guilty: bool = True, imports_below: bool = True
) -> tuple[str, str | None]:
    """A new package in `folder`, `depth` packages deep: the module to import, and the one that turns the GIL on.

    It talks, it warns, it loads extensions that declare free-threading. Where it is guilty, it loads two that do not,
    the second with nothing left to turn on; where it is not, they lie there unused. imports_below: whether each package
    imports the one inside it; if not, the innermost one is to be imported.
    """
    names = random.sample(WORDS, depth + 1)
    names[0] = Path(tempfile.mkdtemp(prefix=names[0], dir=folder)).name  # no other package of this folder has it
    culprit, second = random.sample(NEEDS_GIL, 2)
    before, after = random.sample(DECLARED, 2)
    for level in range(depth + 1):
        here = folder.joinpath(*names[: level + 1])
        here.mkdir(exist_ok=True)
        below = f"import {'.'.join(names[: level + 2])}\n" if level < depth and imports_below else ""
        (here / "__init__.py").write_text(f"import warnings\n{below}")
    for each in (culprit, second, before, after):
        shutil.copy(library(), here / f"{each}{sysconfig.get_config_var('EXT_SUFFIX')}")
    loaded = [before, *([culprit, second] if guilty else []), after]
    (here / "__init__.py").write_text(
        f"import warnings\nprint('{names[-1]} starts: loading {second}')\n"
        f"warnings.warn(\"module '{names[-1]}.{second}' is slow to load\", stacklevel=1)\n"
        + "".join(f"from . import {each}\n" for each in loaded)
        + "print('ready')\n"
    )
    return ".".join(
        names[: max(1, depth - 1)] if imports_below else names
    ), f"{'.'.join(names)}.{culprit}" if guilty else None
