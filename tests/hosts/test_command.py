"""`./workshop provision` on the hosts that the play has made: plan, check, extend; `apply` has made them."""

from __future__ import annotations

import json

import pytest

from foundation.model import Report
from tests.hosts.play import Play, Played

pytestmark = pytest.mark.timeout(1800)


def test_a_plan_of_finished_hosts_finds_nothing_to_change(again: Played, play: Play) -> None:
    planned = play.provision("plan")
    assert planned.code == 0, planned.end
    assert planned.said.count("\n  nothing to change\n") == 2


def test_checks_are_told_as_json_and_a_host_that_is_not_ready_is_exit_code_1(again: Played, play: Play) -> None:
    asked = play.provision("check", "host.disk", "host.clock", "--json")
    assert asked.code == 0, asked.end
    hosts = {name: Report.from_json(json.dumps(said)) for name, said in json.loads(asked.out)["hosts"].items()}
    assert set(hosts) == {"bare", "settled"}
    assert hosts["bare"].result("host.disk").status.value == "pass"
    play.hosts["settled"].said("systemctl stop workshop-expiry.timer")
    try:
        failed = play.provision("check", "host.expiry")
    finally:
        play.hosts["settled"].said("systemctl start workshop-expiry.timer")
    assert failed.code == 1
    assert "settled  host.expiry: workshop-expiry.timer is inactive" in failed.said


def test_an_end_that_is_moved_is_armed_on_the_hosts(again: Played, play: Play) -> None:
    moved = play.provision("extend", "2037-05-15T18:00:00+02:00")
    try:
        assert moved.code == 0, moved.end
        shown = "systemctl show workshop-expiry.timer --property=NextElapseUSecRealtime --value"
        for host in play.hosts.values():
            assert "2037-05-15 16:00:00 UTC" in host.said(f"TZ=UTC {shown}")
    finally:
        assert play.run("--tags", "expiry").code == 0
