"""`./workshop provision` on the hosts that the play has made: the same content, by ansible-runner, to the checks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from checks.model import Report
from tests.hosts.play import Play, Played

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1800)]

LIMIT_S = 1200


def provision(play: Play, *words: str) -> subprocess.CompletedProcess[str]:
    """The command, of the clone that the hosts were made from, as `./workshop` goes on as it."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "provisioning.hosts", *words, "-i", str(play.folder / "hosts.yml")],
        env={**os.environ, "PYTHONPATH": str(play.site), "WORKSHOP_STATE": str(play.folder / "state")},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def test_a_plan_of_finished_hosts_finds_nothing_to_change(again: Played, play: Play) -> None:
    planned = provision(play, "plan")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert planned.stdout.count("\n  nothing to change\n") == 2


def test_an_apply_by_the_command_changes_nothing_more_and_ends_with_every_check_passed(
    again: Played, play: Play
) -> None:
    applied = provision(play, "apply")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert "\nbare: nothing to change\nsettled: nothing to change\n" in applied.stdout
    assert "PASS  rig: 2 of 2 hosts ready" in applied.stdout


def test_checks_are_told_as_json_and_a_host_that_is_not_ready_is_exit_code_1(again: Played, play: Play) -> None:
    asked = provision(play, "check", "host.disk", "host.clock", "--json")
    assert asked.returncode == 0, asked.stdout + asked.stderr
    hosts = {name: Report.from_json(json.dumps(said)) for name, said in json.loads(asked.stdout)["hosts"].items()}
    assert set(hosts) == {"bare", "settled"}
    assert hosts["bare"].result("host.disk").status.value == "pass"
    play.hosts["settled"].said("systemctl stop workshop-expiry.timer")
    try:
        failed = provision(play, "check", "host.expiry")
    finally:
        play.hosts["settled"].said("systemctl start workshop-expiry.timer")
    assert failed.returncode == 1
    assert "settled  host.expiry: workshop-expiry.timer is inactive" in failed.stdout


def test_an_end_that_is_moved_is_armed_on_the_hosts(again: Played, play: Play, tmp_path: Path) -> None:
    inventory = play.folder / "hosts.yml"
    before = inventory.read_text()
    try:
        moved = provision(play, "extend", "2037-05-15T18:00:00+02:00")
        assert moved.returncode == 0, moved.stdout + moved.stderr
        shown = "systemctl show workshop-expiry.timer --property=NextElapseUSecRealtime --value"
        for host in play.hosts.values():
            assert "2037-05-15 16:00:00 UTC" in host.said(f"TZ=UTC {shown}")
    finally:
        inventory.write_text(before)
        assert play.run("--tags", "expiry").code == 0
