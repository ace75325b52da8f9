"""Two commands on a fresh machine: as root, with sudo, and without; on Debian 12 and 13 with python3 and git only."""

from __future__ import annotations

import re

from foundation.packages import BY_RELEASE, IN_ALL, package
from tests.bare.conftest import SUITES
from tests.bare.first_up import FirstUp
from tests.bare.machine import PASSWORD, FreshMachine

UP = ("./workshop", "up", "--no-docker", "--detach")
COURSE_PAGE = "/user/attendee/lab/tree/index.md"


def works(machine: FreshMachine, printed: str) -> None:
    """The link that `up` has printed opens the course page, and `down` leaves nothing."""
    assert machine.opens("ada", printed).endswith(COURSE_PAGE)
    assert "none is left" in machine.said("ada", "./workshop", "down")


def test_root_gets_everything_at_once_from_nothing(first: FirstUp) -> None:
    assert first.code == 0
    assert {"build-essential", "libssl-dev", "uuid-dev"} <= set(first.installed)
    assert any(re.fullmatch(r"python3\.\d+-venv", name) for name in first.installed)
    for step in ("by apt-get", "free-threaded CPython: compiling", "numba 0.68.1: pip wheel", "JupyterHub"):
        assert step in first.err
    assert first.opened.endswith(COURSE_PAGE)
    assert "none is left" in first.ended


def test_sudo_is_asked_for_once_with_the_packages_and_no_compiler_is_needed_with_a_full_cache(
    machine: FreshMachine,
) -> None:
    machine.sh("apt-get update -qq && apt-get install --yes -qq sudo && usermod --append --groups sudo ada")
    before = machine.installed()
    answers = [("Install them now? [Y/n]", "y"), ("password for ada:", PASSWORD)]
    code, shown = machine.type_at_terminal("ada", *UP, answers=answers)
    assert code == 0, shown
    assert re.search(r"To install with sudo: python3\.\d+-venv\r?\n", shown)
    new = machine.installed() - before
    assert any(name.endswith("-venv") for name in new)
    assert not new & {"gcc", "make", "build-essential"}
    works(machine, shown.replace("\r", ""))


def test_without_sudo_one_message_has_the_one_line_that_root_types(machine: FreshMachine) -> None:
    refused = machine.run("ada", *UP, XDG_CACHE_HOME="/tmp/empty")  # so that all is missing
    assert refused.returncode == 3
    assert "not installed: you are not root, and there is no sudo" in refused.stderr
    (line,) = re.findall(r"^do this:  as root: (.+)$", refused.stderr, re.MULTILINE)
    machine.sh(f"exec >/dev/null 2>&1; export DEBIAN_FRONTEND=noninteractive; {line}")
    looked = machine.run("ada", "./workshop", "test", "--collect-only", "-q", "tests/hub", XDG_CACHE_HOME="/cache")
    assert "what ./workshop test needs of this machine   all there" in looked.stderr
    works(machine, machine.said("ada", *UP))
    tested = machine.said("ada", "./workshop", "test", "--yes", "tests/hub", "-q")
    assert re.search(r"^\d+ passed", tested, re.MULTILINE), tested
    assert "nothing was left out" in tested


def test_each_package_of_the_table_is_in_this_release(machine: FreshMachine, suite: str) -> None:
    names = {package(thing, SUITES[suite]) for thing in (*IN_ALL, *BY_RELEASE)}
    machine.sh(f"apt-get update -qq && apt-get install --simulate --no-install-recommends {' '.join(sorted(names))}")
