"""What all tests share: the lab's interpreter, and what a machine must have for a test to run."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.steps import Step, Steps
from images.versions import versions
from provisioning.here.local import obtain_lab_environment
from provisioning.here.place import Place

ROOT = Path(__file__).resolve().parent.parent
# The series that `./workshop test` does not run on: most tests are run on one, and what depends on the series on both.
(OTHER_SERIES,) = {*versions().series} - {f"{versions().rows(os.environ.get('LAB_PYTHON'))[0].minor}t"}
BUILDS_CPYTHON_S = 1800  # for the first test that asks for what is not in the cache

# What a shell starts in the background ignores Ctrl-C, and so would all that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def lab_python() -> Path:
    """The free-threaded Python of the lab environment that `./workshop test` has obtained."""
    python = Place.from_environment().lab_python()
    if python is None:
        pytest.exit("there is no lab environment: run the tests by ./workshop test", returncode=3)
    return python


@pytest.fixture(scope="session")
def other_place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A state folder whose labs run on the other series; that is built if the cache does not hold it."""
    state = tmp_path_factory.mktemp("other-series")
    place = Place(state, state / "home")
    place.make()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("WORKSHOP_PYTHON", raising=False)  # it is of the series that the other tests run on
        obtain_lab_environment(place, Steps(2, place.setup_log), OTHER_SERIES)
    return place


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
    """Say at the end what was not run, and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    terminalreporter.section("not run")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.line(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")
    if not skipped:
        terminalreporter.line("nothing was left out")
