"""Plan and the play of apply, by real Ansible on hosts that are this machine, with toy roles."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from foundation.problem import ExitCode, Problem
from provisioning.here.place import CLONE
from provisioning.hosts import plan
from provisioning.hosts.expectations import expectations
from provisioning.hosts.failures import Failure
from provisioning.hosts.inventory import EXAMPLE, Inventory, WorkshopHost, read
from provisioning.hosts.plan import missing, outcome, roles, until
from provisioning.hosts.play import SITE, PlayResult, Tally
from tests.provisioning.hosts.toy_plays import ToyPlays, shell, task

NOW = datetime(2027, 5, 1, tzinfo=UTC)
EXAMPLE_LIMIT_S = 60


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKSHOP_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def inventory(toys: ToyPlays) -> Inventory:
    return read(
        toys.inventory(
            "a", "b",
            workshop_name="pycon", workshop_expires="2027-05-03T00:00:00+00:00", workshop_hourly_price="1 EUR",
        )
    )  # fmt: skip


@pytest.fixture
def site(toys: ToyPlays, tmp_path: Path) -> Path:
    """A site of two roles; hub does not work on b."""
    written = task("Write it", "copy", content="x", dest=str(tmp_path / "written-{{ inventory_hostname }}"))
    broken = shell("Start it", "echo no space left on device; false", when="inventory_hostname == 'b'")
    broken["check_mode"] = False
    return toys.roles(images=[written], hub=[broken])


def test_a_plan_tells_of_each_host_what_would_change_and_touches_nothing(
    inventory: Inventory, site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan.plan(inventory, NOW, site) is ExitCode.FAIL
    assert capsys.readouterr().out == (
        "Workshop pycon, 2 hosts, until Mon 2027-05-03 00:00 UTC, in 48 h 00 min\n"
        "\na (a)\n"
        "  images: Write it\n"
        "\nb (b)\n"
        "  images: Write it\n"
        "  hub: Start it\n"
        "    found:    exit code 1:\n"
        "              no space left on device\n"
        "    do this:  free some space on the host: df -h and docker system df say what takes it\n"
        "\nCost:    2.00 EUR an hour, 96.00 EUR until the end\n"
        "Nothing was touched.\n"
    )
    assert not list(tmp_path.glob("written-*"))


def test_a_play_changes_and_then_has_nothing_to_change(inventory: Inventory, site: Path, state: Path) -> None:
    first, second = plan.play(inventory, site), plan.play(inventory, site)
    assert {(change.host, change.role) for change in first.changes} == {("a", "images"), ("b", "images")}
    assert second.changes == ()
    assert [(failure.host, failure.role) for failure in second.failures] == [("b", "hub")]
    log = state / "provision" / "pycon" / "provision.log"
    assert "b: Start it: failed" in log.read_text()
    assert log.parent.stat().st_mode & 0o077 == 0


def test_an_inventory_that_cannot_be_applied_is_refused_before_any_host_is_asked(inventory: Inventory) -> None:
    with pytest.raises(Problem, match="ended at 2027-05-03"):
        plan.apply(inventory, datetime(2027, 6, 1, tzinfo=UTC))


def test_what_the_inventory_names_has_to_be_here(tmp_path: Path) -> None:
    (tmp_path / "key").touch()
    hosts = {
        "a": {"ansible_ssh_private_key_file": "key", "workshop_tls_key": "{{ inventory_dir }}/key"},
        "b": {"ansible_ssh_private_key_file": "{{ 'go' }}ne"},
    }
    (tmp_path / "hosts.yml").write_text(
        yaml.safe_dump({"workshop_hosts": {"hosts": hosts, "vars": {"workshop_name": "x"}}})
    )
    found = read(tmp_path / "hosts.yml")
    assert missing(found, expectations(found).values()) == ["ansible_ssh_private_key_file: gone: no such file"]


def test_an_outcome_tells_each_host_and_then_what_failed() -> None:
    inventory = Inventory(Path("hosts.yml"), tuple(WorkshopHost(name, {}) for name in ("a", "b", "c")))
    failure = Failure("b", "hub", "Start it", "no", "try")
    result = PlayResult(2, {"a": Tally(ok=3), "b": Tally(changed=2)}, failures=(failure,), missed=("c",))
    assert list(outcome(inventory, result)) == [
        "", "a: nothing to change", "b: failed, 2 changed", "c: was not tried", f"\n{failure}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("2027-05-14T18:00:00+02:00", "until Fri 2027-05-14 18:00 UTC+02:00, in 14 days"),
        ("2027-05-01T01:30:00+00:00", "until Sat 2027-05-01 01:30 UTC, in 1 h 30 min"),
        ("2027-04-30T01:30:00+00:00", "until Fri 2027-04-30 01:30 UTC, which is over"),
    ],
)
def test_an_end_in_words(end: str, words: str) -> None:
    assert until(datetime.fromisoformat(end), NOW) == words


def test_the_sites_roles_are_those_that_exist() -> None:
    assert roles(SITE)[0] == "preflight"  # before it one runs that nobody has to wait for, if it is asked for
    assert all((SITE.parent / "roles" / role).is_dir() for role in roles(SITE))


def test_the_plan_of_the_example_takes_seconds_and_says_that_nobody_answers() -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "provisioning.hosts", "plan", "-i", EXAMPLE],
        env={**os.environ, "PYTHONPATH": str(CLONE)},
        capture_output=True,
        text=True,
        timeout=EXAMPLE_LIMIT_S,
        check=False,
    )
    assert time.monotonic() - began < EXAMPLE_LIMIT_S
    assert done.returncode == 1, done.stderr
    assert done.stdout.count("do this:  is the host on, and is its ssh port open to this machine?") == 2
    assert done.stdout.endswith("Nothing was touched.\n")
