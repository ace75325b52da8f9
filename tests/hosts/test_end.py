"""The workshop's end on a host, and what is there when the host is on again."""

from __future__ import annotations

import pytest
import requests

from tests.hosts.play import Play, Played
from tests.hosts.rig import Host, wait_for

pytestmark = pytest.mark.timeout(1200)

END = ("--tags", "expiry", "--limit", "bare")


def test_an_end_in_the_past_is_refused(again: Played, play: Play) -> None:
    refused = play.run(*END, workshop_expires="2020-01-01T00:00:00Z")
    assert refused.code == 2
    assert "which is over" in refused.said


def test_an_end_that_is_taken_back_is_disarmed(again: Played, play: Play, bare: Host) -> None:
    assert play.run(*END, workshop_expires="").code == 0
    assert bare.run("systemctl is-active workshop-expiry.timer").stdout.strip() == "inactive"
    armed = play.run(*END)
    assert armed.code == 0, armed.end
    assert bare.said("systemctl is-active workshop-expiry.timer") == "active"


def test_on_a_host_of_ones_own_the_end_stops_the_workshop_and_nothing_else(
    again: Played, play: Play, settled: Host
) -> None:
    settled.said("systemctl start workshop-expiry.service")
    assert settled.said("docker ps --quiet") == ""
    assert settled.is_on
    settled.said("systemctl start workshop.service")


def test_a_rented_host_powers_off_and_has_the_workshop_again_when_it_is_on(
    again: Played, play: Play, bare: Host
) -> None:
    armed = play.run(*END, workshop_expiry_poweroff=True)
    assert armed.code == 0, armed.end
    bare.run("systemctl start --no-block workshop-expiry.service")
    wait_for(lambda: not bare.is_on, "the host to power off", bare, limit_s=120)

    bare.power_on()
    trusted = str(play.secrets / "authority" / "ca.pem")

    def answers() -> bool:
        try:
            return requests.get(f"https://{bare.address}/hub/health", verify=trusted, timeout=5).ok
        except requests.RequestException:
            return False

    wait_for(answers, "the hub, by systemd", bare, limit_s=180)
    bare.said("/usr/local/sbin/workshop-firewall check")
    assert "16:00:00 UTC" in bare.said("TZ=UTC systemctl show workshop-expiry.timer --property=NextElapseUSecRealtime")
