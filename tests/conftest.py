"""What all tests share: the lab's interpreter, a browser, what is made before they run, and what is said after.

A test is marked by the fixtures that it uses: `-m "not lab_env and not docker"` runs what needs neither.
"""

from __future__ import annotations

import io
import os
import signal
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from foundation.problem import ExitCode, Problem
from foundation.steps import Step, Steps
from images.versions import versions
from provisioning.here.local import obtain_lab_environment
from provisioning.here.place import Place

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
# Tests run on one series, and what depends on the series on the other, too.
LAB_PYTHON = os.environ.get("LAB_PYTHON") or versions().lab_python
(OTHER_SERIES,) = {*versions().series} - {f"{versions().rows(LAB_PYTHON)[0].minor}t"}

# What a shell starts in the background ignores Ctrl-C, and so would all that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


# marker -> the fixtures that make a test need it
MARKED_BY = {"lab_env": {"lab_python", "other_place"}, "docker": {"engine"}, "e2e": {"chromium"}}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by the fixtures that it uses, itself or through others."""
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        for marker in (marker for marker, fixtures in MARKED_BY.items() if used & fixtures):
            item.add_marker(marker)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Make the lab environments that the chosen tests need. That takes minutes, and no test's time limit."""
    used = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    if session.config.option.collectonly or not used & MARKED_BY["lab_env"]:
        return
    capture = session.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(flush=True)
        try:
            if "lab_python" in used:
                make_lab_environment(Place.from_environment(), LAB_PYTHON)
            if "other_place" in used:
                with pytest.MonkeyPatch.context() as patch:
                    patch.delenv("WORKSHOP_PYTHON", raising=False)  # it is of the series that the other tests run on
                    make_lab_environment(place_of_other_series(), OTHER_SERIES)
        except Problem as problem:
            pytest.exit(f"the lab environment could not be made\n{problem}", returncode=ExitCode.COULD_NOT_CHECK)


def make_lab_environment(place: Place, row: str) -> None:
    """Take it from the cache or build it, and say so on the screen."""
    place.make()
    obtain_lab_environment(place, Steps(total=2, log=place.setup_log), row)


def place_of_other_series() -> Place:
    """A state folder of its own."""
    state = Place.from_environment().state / "other-series"
    return Place(state, state / "home")


@pytest.fixture(scope="session")
def lab_python() -> Path:
    """The free-threaded Python of the lab environment."""
    python = Place.from_environment().lab_python()
    assert python, "pytest_collection_finish makes it"
    return python


@pytest.fixture(scope="session")
def other_place() -> Place:
    """A state folder whose labs run on the other series."""
    place = place_of_other_series()
    assert place.lab_python(), "pytest_collection_finish makes it"
    return place


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    from tests.driven_workshop import browser

    with browser() as opened:
        yield opened


@pytest.fixture
def screen() -> io.StringIO:
    """What the person at the keyboard sees of `step`."""
    return io.StringIO()


@pytest.fixture
def step(tmp_path: Path, screen: io.StringIO) -> Iterator[Step]:
    """One step, whose lines go to `screen`."""
    with Steps(1, tmp_path / "step.log", stream=screen).step("work") as running:
        yield running


def need(is_there: object, what: str, do: str) -> None:
    """Skip if `what` is not there, and say what to type; in CI that is a failure: it installs what it needs."""
    if not is_there:
        outcome = pytest.fail if os.environ.get("CI") else pytest.skip
        outcome(f"{what} is not here: {do}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end how long each part of the tests took, what was not run, and why."""
    reports = [each for listed in terminalreporter.stats.values() for each in listed if hasattr(each, "duration")]
    terminalreporter.section("minutes")
    for line in minutes(reports):
        terminalreporter.line(line)
    skipped = terminalreporter.stats.get("skipped", [])
    terminalreporter.section("not run")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.line(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")
    if not skipped:
        terminalreporter.line("nothing was left out")


def minutes(reports: list[pytest.TestReport]) -> list[str]:
    """A line for each folder of tests. What several tests share counts for the one that comes first."""
    seconds, tests = defaultdict[str, float](float), Counter[str]()
    for report in reports:
        path = Path(report.nodeid.partition("::")[0])
        part = "/".join(path.parent.parts[:2])
        seconds[part] += report.duration
        tests[part] += report.when == "setup"
    return [f"{seconds[part] / 60:6.1f}  {part}, {tests[part]} tests" for part in sorted(tests)]
